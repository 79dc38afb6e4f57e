// The lessons: a side panel of a few steps, each with a question, its answer, and a link to what
// shows it. It is open while the address names a lesson, and remembers the step there.
const state = plain(props.value);
const KEPT = ["lesson", "step", "hide", "lock", "__theme"]; // what a step's link takes along
const here = () => new URLSearchParams(window.location.search);
const within = (text, count) => Math.min(Math.max(Math.floor(Number(text)) || 1, 1), count);
let number = here().has("lesson") ? within(here().get("lesson"), state.lessons.length) : 0;
let step = number ? within(here().get("step"), state.lessons[number - 1].steps.length) : 1;

const body = el("div", { class: "lesson" });
const close = el(
  "button",
  {
    type: "button",
    class: "icon-only",
    "aria-label": "Close the lessons",
    onclick: () => go(0, 1),
  },
  icon(ICONS.close),
);
const choice = el(
  "select",
  { "aria-label": "Lesson", onchange: () => go(Number(choice.value), 1) },
  state.lessons.map((lesson, place) =>
    el("option", { value: place + 1 }, `${place + 1}. ${lesson.title}`),
  ),
);
const panel = el(
  "aside",
  { class: "learn card", "aria-label": "Learn" },
  el("header", {}, el("h2", {}, "Learn"), choice, close),
  body,
);
root.append(panel);

function go(lesson, next) {
  [number, step] = [lesson, next];
  const url = new URL(window.location.href);
  for (const [key, value] of [
    ["lesson", lesson],
    ["step", next],
  ]) {
    if (lesson) url.searchParams.set(key, value);
    else url.searchParams.delete(key);
  }
  history.replaceState(history.state, "", url);
  draw();
}

/** Returns the address that sets the app to the state that shows a step. */
function addressOf(shown) {
  const url = new URL(window.location.pathname, window.location.href);
  for (const [key, value] of Object.entries(shown)) url.searchParams.set(key, value);
  for (const key of KEPT) if (here().has(key)) url.searchParams.set(key, here().get(key));
  return url.href;
}

function draw() {
  panel.hidden = !number;
  document.documentElement.classList.toggle("learning", Boolean(number));
  document.dispatchEvent(new CustomEvent("effexplorer-lesson", { detail: number }));
  if (!number) return;
  choice.value = number;
  const { steps } = state.lessons[number - 1];
  const now = steps[step - 1];
  show(
    body,
    el("p", { class: "count" }, `Step ${step} of ${steps.length}`),
    el("p", {}, now.say),
    el("p", { class: "ask" }, now.ask),
    el("a", { class: "show", href: addressOf(now.show) }, icon(ICONS.play), "Show it in the app"),
    el("details", {}, el("summary", {}, "Answer"), el("p", {}, now.answer)),
    el(
      "div",
      { class: "turn" },
      turn("Back", step > 1, () => go(number, step - 1)),
      step < steps.length
        ? turn("Next", true, () => go(number, step + 1))
        : turn("Next lesson", number < state.lessons.length, () => go(number + 1, 1)),
    ),
    el(
      "p",
      { class: "quiet" },
      el("a", { href: `lessons/${number}`, target: "_blank" }, "Worksheet to print"),
    ),
    forClass(),
  );
}
const turn = (label, possible, act) =>
  el("button", { type: "button", disabled: !possible, onclick: act }, label);

// A link that hides tabs and locks controls, for whoever teaches.
function forClass() {
  const chosen = { hide: new Set(), lock: new Set() };
  const link = el("code", { class: "link" });
  const copyBox = el("span");
  const write = () => {
    link.textContent = classLink([...chosen.hide], [...chosen.lock]);
    show(copyBox, copyButton(link.textContent, "Copy the link"));
  };
  const boxes = (key, label, listed) =>
    el(
      "fieldset",
      {},
      el("legend", {}, label),
      listed.map(([name, title]) =>
        el(
          "label",
          {},
          el("input", {
            type: "checkbox",
            onchange: ({ target }) => {
              chosen[key][target.checked ? "add" : "delete"](name);
              write();
            },
          }),
          title,
        ),
      ),
    );
  write();
  return el(
    "details",
    { class: "class" },
    el("summary", {}, "A link for a class"),
    boxes("hide", "Hide tabs", state.tabs),
    boxes("lock", "Lock controls", state.controls),
    link,
    copyBox,
  );
}

document.addEventListener("effexplorer-learn", () => go(number ? 0 : 1, 1));
draw();
takeAway(state.tabs);
