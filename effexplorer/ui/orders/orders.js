// The Orders tab: which orders, the strip and the plane of them, and the verdicts beside what
// papers claim.
const P_IN_WORDS =
  "Yes and No are said only where the runs rule the other out. p is how often chance alone would " +
  "give a result as far off: 0.05 is once in 20 studies.";
const asked = new URLSearchParams(window.location.search);
const FIELDS = ["model", "task", "setting", "cost"];
/** @type {OrdersState} */
let state = null;
let choice = {},
  sequence = 0,
  pinned = null,
  sorting = "best",
  letters = null,
  poll = 0;

const controls = el("form", {
  class: "filters",
  "aria-label": "Which orders",
  onsubmit: (event) => event.preventDefault(),
});
const message = el("div", { class: "told", role: "status" });
const strip = orderStrip({
  open: (id) => trigger("open_run", { id }),
  light: (key) => lit(key || pinned),
  pin,
  queue,
});
const plane = orderPlane({ light: (key) => lit(key || pinned), pin });
const stripNotes = el("div", { class: "notes" }),
  stripTitle = el("h2", { id: "fx-orders-strip" }),
  sortBox = el(
    "select",
    {
      "aria-label": "Sort the orders",
      onchange: () => {
        sorting = sortBox.value;
        redraw();
      },
    },
    el("option", { value: "best" }, "best first"),
    el("option", { value: "first" }, "by first operator"),
  );
const planeTools = el("div", { class: "tools" }),
  verdicts = el("div", { class: "verdicts" });
const left = el("div", { class: "half" }),
  right = el("div", { class: "half" });
async function look(part = {}) {
  const mine = ++sequence;
  const next = await call("look", { ...choice, ...part });
  if (mine !== sequence) return;
  arrived();
  if (next.error) return show(message, problem(next.error));
  show(message);
  const same = state && JSON.stringify(next) === JSON.stringify(state);
  [state, choice] = [next, next.choice];
  watchJobs();
  if (same) return;
  if (!state.rows.some((row) => orderKey(row) === pinned)) pinned = null;
  letters = null;
  draw();
}
// Rows that wait for a run are looked at again while anyone sees them.
function watchJobs() {
  clearTimeout(poll);
  if (
    !state.rows.some((row) =>
      row.missing.some((run) => ["queued", "running"].includes(run.job?.state)),
    )
  )
    return;
  poll = setTimeout(
    () => (root.checkVisibility() && !document.hidden ? look() : watchJobs()),
    3000,
  );
}
async function queue(row, seed, button) {
  button.disabled = true;
  const answer = await call("queue", { choice, order: row.order, seed, owner: owner() });
  if (answer.error) {
    button.disabled = false;
    return show(message, problem(answer.error));
  }
  if (answer.mine) localStorage.setItem(mineKey(answer.id), "1");
  look();
}

// ---- choices
const pick = (name, label, options, part) =>
  field(
    label,
    el(
      "select",
      { "data-name": name, onchange: (event) => look(part(event.target.value)) },
      options.map(([value, text]) =>
        el("option", { value, selected: value === choice[name] }, text),
      ),
    ),
  );
const withRuns = (list) =>
  list.map(([value, title, count]) => [
    value,
    count ? `${title} (${plural(count, "run")})` : `${title} (no run yet)`,
  ]);
const setText = (set) =>
  `{${set.letters.join(", ")}}  ` +
  `${[plural(set.orders, "order"), plural(set.seeds, "seed"), set.knobs].filter(Boolean).join(", ")}`;
function drawControls() {
  const { options } = state,
    focused = controls.contains(document.activeElement)
      ? document.activeElement.dataset.name
      : null;
  const own = JSON.stringify(choice.operators),
    known = options.sets.some((set) => JSON.stringify(set.operators) === own);
  const used = letters || new Set(state.letters);
  const sets = options.sets.map((set) => [JSON.stringify(set.operators), setText(set)]);
  if (!known) sets.push([own, `{${state.letters.join(", ")}}  no order run yet`]);
  show(
    controls,
    pick("task", "Task", withRuns(options.tasks), (task) => ({ task, setting: "", operators: [] })),
    pick("model", "Model", withRuns(options.models), (model) => ({
      model,
      setting: "",
      operators: [],
    })),
    options.settings.length > 1 &&
      pick("setting", "Trained on", options.settings, (setting) => ({ setting, operators: [] })),
    field(
      "Set of operators",
      el(
        "select",
        {
          "data-name": "set",
          onchange: (event) => look({ operators: JSON.parse(event.target.value) }),
        },
        sets.map(([value, text]) => el("option", { value, selected: value === own }, text)),
      ),
    ),
    el(
      "fieldset",
      { class: "letters" },
      el("legend", {}, `or choose up to ${options.most}`),
      letterChips(options.operators, used, toggle, options.most),
    ),
    state.exits &&
      switchOf(
        "Count where sentences leave",
        switchInput({
          "data-name": "early",
          checked: choice.early,
          onchange: (event) => look({ early: event.target.checked }),
        }),
      ),
    el(
      "button",
      { type: "button", onclick: (event) => copy(link(), event.currentTarget) },
      icon(ICONS.link),
      el("span", { class: "label", "aria-live": "polite" }, "Copy link"),
    ),
  );
  if (focused) controls.querySelector(`[data-name="${focused}"]`)?.focus();
}
// A set of these letters that has runs comes first, else the operators with their default knobs.
function toggle(letter) {
  letters = new Set(letters || state.letters);
  letters.has(letter) ? letters.delete(letter) : letters.add(letter);
  const name = [...letters].sort().join();
  const known = state.options.sets.find((set) => [...new Set(set.letters)].sort().join() === name);
  if (letters.size < 2) return drawControls();
  look({
    operators: known
      ? known.operators
      : state.options.operators
          .filter(([operator]) => letters.has(operator))
          .map(([, operator]) => operator),
  });
}
function link() {
  const url = address(null);
  url.searchParams.set("orders", choice.operators.join(" > "));
  for (const name of FIELDS) url.searchParams.set(name, choice[name]);
  if (choice.early) url.searchParams.set("early", "1");
  return url.href;
}
const linked = () =>
  asked.has("orders")
    ? {
        operators: (asked.get("orders") || "").split(" > ").filter(Boolean),
        early: asked.has("early"),
        ...Object.fromEntries(
          FIELDS.filter((name) => asked.get(name)).map((name) => [name, asked.get(name)]),
        ),
      }
    : {};

// ---- figures and verdicts
function pin(key) {
  pinned = pinned === key ? null : key;
  redraw();
}
function lit(key) {
  strip.lit(key);
  plane.lit(key);
}
function sorted() {
  return sorting === "best"
    ? state.rows
    : [...state.rows].sort(
        (row, other) =>
          Number(row.mean == null) - Number(other.mean == null) ||
          (row.letters < other.letters ? -1 : 1),
      );
}
function redraw() {
  const rows = sorted();
  strip.draw(state, rows, pinned);
  plane.draw(state, rows);
  lit(pinned);
}
const key = (kind, ...words) =>
  el("li", {}, el("span", { class: `key ${kind}`, "aria-hidden": "true" }), words);
function notes() {
  const run = state.rows.filter((row) => row.mean != null).length,
    { illegal } = state;
  const several = state.rows.filter((row) => row.seeds.length > 1).length > 1;
  return [
    el(
      "ul",
      { class: "legend" },
      key("seed", "one seed"),
      key("mean", "mean of an order; its symbol is that of the first operator"),
      state.dense != null && key("dense", `dense model, ${state.dense.toFixed(1)} %`),
      state.predicted != null &&
        key(
          "predicted",
          `predicted: effects of single operators added, ${state.predicted.toFixed(1)} %`,
        ),
      several &&
        key(
          "band",
          `the margin, ${plural(state.margin, "point")}: order does not matter if all orders surely lie so close`,
        ),
    ),
    state.exits &&
      el(
        "p",
        { class: "quiet" },
        choice.early
          ? "With exits, score and MACs are where sentences leave, at the threshold chosen on " +
              "held-out training data. Verdicts are at full depth."
          : "With exits, score and MACs are at full depth, where every sentence goes through all layers.",
      ),
    choice.operators.includes("quantize") &&
      el("p", { class: "quiet" }, "Where quantize is not last, it trains (mode=aware)."),
    illegal &&
      el(
        "p",
        { class: "quiet" },
        `${plural(illegal.count, "order")} cannot be run, as ${illegal.letters}: ${illegal.problem}`,
      ),
    run < state.rows.length &&
      state.takes &&
      el(
        "p",
        { class: "quiet" },
        `${plural(state.rows.length - run, "order")} not run yet. The first takes: ` +
          `${state.takes[0].toLowerCase()}${state.takes.slice(1)}.`,
      ),
  ];
}
function draw() {
  drawControls();
  const { rows, options } = state,
    run = rows.filter((row) => row.mean != null).length;
  show(
    stripTitle,
    `${run === rows.length ? "All" : `${run} of`} ${plural(rows.length, "order")} of {${state.letters.join(", ")}}`,
    el("small", {}, state.score),
  );
  show(stripNotes, notes());
  show(
    planeTools,
    segments(
      "orders-cost",
      el("legend", { class: "offscreen" }, "Cost"),
      options.costs,
      choice.cost,
      (cost) => look({ cost }),
    ),
  );
  show(
    verdicts,
    el("h2", {}, "Verdicts"),
    el("p", { class: "quiet" }, P_IN_WORDS),
    state.cards.map(card),
    el("small", {}, state.unchecked),
  );
  (rows.length > 8 ? right : left).append(
    verdicts.parentNode || el("section", { class: "card", "aria-label": "Verdicts" }, verdicts),
  );
  redraw();
}
function begin() {
  show(
    root,
    el("section", { class: "card" }, controls, message),
    el("div", { class: "halves" }, left, right),
  );
  show(
    left,
    el(
      "section",
      { class: "card", "aria-labelledby": "fx-orders-strip" },
      el("header", {}, stripTitle, sortBox),
      strip.node,
      stripNotes,
    ),
  );
  show(
    right,
    el(
      "section",
      { class: "card plane", "aria-labelledby": "fx-orders-plane" },
      el("header", {}, el("h2", { id: "fx-orders-plane" }, "Where the orders part"), planeTools),
      el("div", { class: "stage" }, plane.chart),
    ),
  );
  let width = 0;
  new ResizeObserver(([entry]) => {
    if (state && entry.contentRect.width !== width) requestAnimationFrame(redraw);
    width = entry.contentRect.width;
  }).observe(plane.chart.parentNode);
  awaited("Looking for orders.");
  look(linked());
}
document.addEventListener("effexplorer-finished", () => state && look());
new MutationObserver(() => state && requestAnimationFrame(redraw)).observe(
  document.documentElement,
  { attributes: true, attributeFilter: ["class"] },
);
awaited("Looking for orders.");
whenSeen(root, () => (state ? look() : begin()));
