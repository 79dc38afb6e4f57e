// A static site: mounts the app's panels and answers what they ask from files beside this page.
import { fileOf, stateOf } from "./orders.js";
import { answerView } from "./plane.js";

const UNREACHABLE = { error: "The files of this page cannot be read. Reload it." };
const NO_SERVER = "This page has no server: it computes texts in the browser alone";
const panels = window.effexplorerPanels; // made by the scripts of the app, see page.py
const site = JSON.parse(document.getElementById("site").textContent);
const asked = () => new URLSearchParams(window.location.search);

// ---- files
const files = new Map();

/** Returns the content of a JSON file of this page, fetched once. */
function load(path) {
  if (!files.has(path)) {
    const file = fetch(new URL(`data/${path}.json`, document.baseURI)).then((response) => {
      if (!response.ok) throw new Error(`${path} is not there`);
      return response.json();
    });
    file.catch(() => files.delete(path)); // is tried again
    files.set(path, file);
  }
  return files.get(path);
}

// ---- what the panels ask
/** @returns {Promise<any>} */
const redraw = async (view) => ({
  ...(await answerView(view, site, load)),
  plotly: "plotly-basic.min.js",
});

/** Returns a file of the runs that pass the filters: whole records, or a line for each stage. */
async function written({ view, kind }) {
  const at = site.tasks[view.task].indexOf(view.data);
  const { rows } = await redraw(view);
  const ids = new Set(rows.map(({ id }) => id));
  const { heading, records: all } = await load(`tables/${view.task}-${at}`);
  const records = all.filter(({ record }) => ids.has(record.id));
  const text =
    kind === "json"
      ? `${JSON.stringify(
          records.map(({ record, source }) => ({ source, ...record })),
          null,
          1,
        )}\n`
      : [heading, ...records.flatMap(({ lines }) => lines)].join("\n") + "\n";
  return { name: `effexplorer-runs.${kind}`, text };
}

async function look(choice) {
  const file = fileOf(choice, site.orders);
  if (file) return stateOf(await load(file), choice);
  const steps = (choice.operators ?? []).map((step) => step.split("(")[0]).join(", ");
  return {
    error: `operators: must be a set that this page has runs of; got ${steps || "none"}.`,
  };
}

async function model(name) {
  const offer = site.models.find((each) => [each.name, each.run].includes(name));
  const names = site.models.map((each) => each.name).join(", ");
  return offer
    ? load(`exits/${offer.name}`)
    : { error: `model: must be one of this page (${names}); got ${String(name).slice(0, 40)}.` };
}

/** Lets a question that fails answer with a sentence, as the app's server does. */
const guarded = (questions) =>
  Object.fromEntries(
    Object.entries(questions).map(([name, ask]) => [
      name,
      async (argument) => {
        try {
          return structuredClone(await ask(argument));
        } catch {
          return UNREACHABLE;
        }
      },
    ]),
  );

// ---- the page
const tabs = [...document.querySelectorAll("#tabs [role=tab]")];
function openTab(id, focus = false) {
  for (const tab of tabs) {
    const open = tab.dataset.tabId === id;
    tab.setAttribute("aria-selected", String(open));
    tab.tabIndex = open ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = !open;
    if (open && focus) tab.focus();
  }
}
for (const [at, tab] of tabs.entries()) {
  tab.addEventListener("click", () => openTab(tab.dataset.tabId));
  tab.addEventListener("keydown", ({ key }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    const shown = tabs.filter((each) => each.style.display !== "none");
    const next = shown[(shown.indexOf(tabs[at]) + step + shown.length) % shown.length];
    if (step) openTab(next.dataset.tabId, true);
  });
}

/** Draws a panel into the element `id`; returns what gives it another value. */
function mount(name, id, { value = null, server = {}, events = {} } = {}) {
  const props = { value };
  const watchers = [];
  const watch = (_, act) => watchers.push(act);
  const trigger = (event, detail) => events[event]?.(detail);
  panels[name](document.getElementById(id), props, trigger, watch, guarded(server));
  return (next) => {
    props.value = next;
    for (const act of watchers) act();
  };
}

function begin() {
  const named = asked().get("__theme");
  const dark = named ? named === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.body.classList.toggle("dark", dark);
  const { header, lessons, orders, models } = site;
  mount("header", "header", { value: header });
  const setRun = mount("run_page", "run-page");
  async function openRun(id) {
    if (!Object.hasOwn(site.runs, id))
      return setRun({ message: `There is no run ${id.slice(0, 12)} on this page.` });
    try {
      const { page } = await load(`runs/${id}`);
      setRun({ ...page, time: Date.now() });
    } catch {
      setRun({ message: UNREACHABLE.error });
    }
  }
  const setPlane = mount("plane", "plane", {
    server: { redraw, written },
    events: { open_run: ({ id }) => openRun(id) },
  });
  if (orders.length)
    mount("orders", "orders", {
      server: { look },
      events: {
        open_run({ id }) {
          setPlane({ select: id, time: Date.now() });
          openRun(id);
          openTab("explore");
        },
      },
    });
  if (models.length)
    mount("exits", "exits", {
      server: {
        models: () => ({ models, server: false }),
        model,
        browser: (name) => ({ worker: "web/exit_worker.js", model: `models/${name}/` }),
        ask: () => ({ error: `${NO_SERVER}, and this one cannot.` }),
      },
    });
  if (asked().get("run")) openRun(asked().get("run"));
  const wanted = ["exits", "orders"].find((id) => asked().has(id));
  openTab(tabs.some((tab) => tab.dataset.tabId === wanted) ? wanted : "explore");
  mount("lessons", "lessons", { value: lessons }); // last: it hides what a link takes away
}
begin();
