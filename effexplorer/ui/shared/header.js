// The header: name, one line, how to read the plane, and the two ways to change how it looks.
const page = document.documentElement;
const saved = (name) => localStorage.getItem(`effexplorer-${name}`);
const named = new URLSearchParams(window.location.search).get("__theme");
if (!named && saved("theme")) document.body.classList.toggle("dark", saved("theme") === "dark");
page.classList.toggle("projector", saved("projector") === "yes");

const isDark = () => document.body.classList.contains("dark");
const dark = el(
  "button",
  {
    type: "button",
    class: "ghost",
    "aria-label": "Dark colours",
    "aria-pressed": String(isDark()),
    onclick: () => {
      document.body.classList.toggle("dark");
      localStorage.setItem("effexplorer-theme", isDark() ? "dark" : "light");
      dark.setAttribute("aria-pressed", String(isDark()));
    },
  },
  icon("M8 2.2a5.8 5.8 0 105.8 5.8A4.6 4.6 0 018 2.2z"),
  el("span", {}, "Dark"),
);
const projector = el(
  "button",
  {
    type: "button",
    class: "ghost",
    "aria-pressed": String(saved("projector") === "yes"),
    title: "Larger type, for a projector",
    "aria-label": "Projector: larger type",
    onclick: () => {
      const on = page.classList.toggle("projector");
      localStorage.setItem("effexplorer-projector", on ? "yes" : "no");
      projector.setAttribute("aria-pressed", String(on));
    },
  },
  icon("M2 3h12v8H2zM8 11v3M5.5 14h5"),
  el("span", {}, "Projector"),
);

const learn = el(
  "button",
  {
    type: "button",
    class: "ghost",
    "aria-pressed": String(new URLSearchParams(window.location.search).has("lesson")),
    title: "Five short lessons",
    "aria-label": "Learn: five short lessons",
    onclick: () => document.dispatchEvent(new CustomEvent("effexplorer-learn")),
  },
  icon("M2 4.5l6-2 6 2-6 2zM4.5 6v4c2 1.6 5 1.6 7 0V6"),
  el("span", {}, "Learn"),
);
document.addEventListener("effexplorer-lesson", ({ detail }) =>
  learn.setAttribute("aria-pressed", String(Boolean(detail))),
);

const site = plain(props.value); // of a static site: its title and its tabs
const OF_TAB = /^(Explore|Build|Find|Orders|Early exit|Runs):/;
const reading = [
  [
    "Explore: a point is a pipeline",
    "that was run: the mean over its seeds, with whiskers from the lowest to the " +
      "highest. Colour and symbol show which operators; an open symbol was measured on " +
      "this machine.",
  ],
  [
    "Up is better, left is cheaper",
    "No other point beats those on the blue steps in both: that is the Pareto front, of " +
      "runs with one training set. On MACs, multi-exit runs stand where sentences leave " +
      "early. A click opens a run and draws its path, stage by stage.",
  ],
  [
    "Build: make a pipeline of your own",
    "Each card is a step. It says what it cannot do where it stands, and the whole says " +
      "how long it takes and what is predicted.",
  ],
  [
    "Find: the best pipeline within limits",
    "Under the builder: sliders over the plane say what is allowed, and what they forbid " +
      "is shaded. The search measures what promises most for its time, and confirms the " +
      "best with three seeds.",
  ],
  [
    "Orders: the same steps in every order",
    "A row is an order, a dot is a seed. Differences within the shaded band are noise; " +
      "the cards answer whether the order matters.",
  ],
  [
    "Early exit: type a sentence",
    "This browser computes it where it can. Each exit answers, and the sentence leaves " +
      "at the first that is sure enough. The slider sets how sure; the curve shows what " +
      "that costs on the validation rows.",
  ],
  [
    "Runs: all of them as a table",
    "Pin up to four to see them side by side, with the sentences that they answer " +
      "otherwise, or take them away as CSV or JSON.",
  ],
];
const guide = el(
  "details",
  { class: "guide" },
  el("summary", {}, icon(ICONS.info), "How to read this"),
  el(
    "dl",
    {},
    reading
      .filter(([term]) => !site || !OF_TAB.test(term) || site.tabs.includes(OF_TAB.exec(term)[1]))
      .map(([term, text]) => el("div", {}, el("dt", {}, term), el("dd", {}, text))),
  ),
);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && guide.open) {
    guide.open = false;
    guide.firstChild.focus();
  }
});
document.addEventListener("click", (event) => {
  if (!guide.contains(event.target)) guide.open = false;
});
root.append(
  el(
    "header",
    { class: "site" },
    el(
      "div",
      { class: "name" },
      svg(
        "svg",
        { class: "logo", viewBox: "0 0 32 32", "aria-hidden": "true" },
        svg("path", { d: "M5 5v22h23", class: "axis" }),
        svg("path", { d: "M9 24v-5h6v-6h7V8h6", class: "steps" }),
        svg("circle", { cx: 15, cy: 13, r: 3 }),
      ),
      el("h1", {}, site?.title || "effexplorer"),
      el("p", {}, "What compressing a text classifier costs and gains, measured step by step"),
    ),
    el("nav", { "aria-label": "View" }, guide, learn, projector, dark),
  ),
);
owner(); // its cookie lasts a year from the latest visit
