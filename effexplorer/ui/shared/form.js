// What the panels' forms and tables are made of, and how they ask the server.
const NO_ANSWER = { error: "The server does not answer. Reload the page when it is back." };

/** Returns what the server's function ``name`` answers; it never fails, but may tell ``error``. */
async function call(name, argument) {
  try {
    return await server[name](argument);
  } catch {
    return { ...NO_ANSWER };
  }
}

const problem = (text) => el("p", { class: "problem" }, icon(ICONS.warn), el("span", {}, text));
const field = (label, control) => el("label", { class: "field" }, el("span", {}, label), control);

const switchInput = (options) => el("input", { type: "checkbox", role: "switch", ...options });
const switchOf = (label, input) => el("label", { class: "switch" }, input, el("span", {}, label));

/**
 * Returns radio buttons that look like one bar.
 * @param {string} name of the group in the page
 * @param {Element} legend
 * @param {string[][]} choices each a value and its title
 * @param {(id: string) => void} choose
 */
const segments = (name, legend, choices, value, choose) =>
  el(
    "fieldset",
    { class: "segments" },
    legend,
    choices.map(([id, text]) =>
      el(
        "label",
        {},
        el("input", {
          type: "radio",
          name: `fx-${name}`,
          value: id,
          checked: id === value,
          "data-name": `${name}-${id}`,
          onchange: () => choose(id),
        }),
        el("span", {}, text),
      ),
    ),
  );

/**
 * Returns the head of a table.
 * @param {(string | Element)[]} titles
 * @param {(at: number) => boolean} isNumber tells which columns are numbers
 */
const headRow = (titles, isNumber = (at) => at > 0) =>
  el(
    "thead",
    {},
    el(
      "tr",
      {},
      titles.map((title, at) =>
        el("th", { scope: "col", class: isNumber(at) ? "number" : null }, title),
      ),
    ),
  );

/**
 * Returns a button for each operator, with its letter; those that are `used` are pressed.
 * @param {string[][]} operators each a letter and a name
 * @param {Set<string>} used
 * @param {(letter: string) => void} toggle
 */
const letterChips = (operators, used, toggle, most = Infinity) =>
  operators.map(([letter, name]) =>
    el(
      "button",
      {
        type: "button",
        class: "chip",
        title: name,
        "aria-label": name,
        "data-name": `letter-${letter}`,
        "aria-pressed": String(used.has(letter)),
        disabled: !used.has(letter) && used.size >= most,
        onclick: () => toggle(letter),
      },
      letter,
    ),
  );
