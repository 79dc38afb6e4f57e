// Find: limits over the plane, a budget, a search that is watched, its answer.
const TITLES = {
  queued: "Waiting",
  running: "Searching",
  cancelling: "Stopping",
  done: "Finished",
  failed: "Failed",
  cancelled: "Cancelled",
};
const AIMS = [
  ["score", "Best score"],
  ["size", "Smallest file"],
  ["macs", "Fewest multiply-accumulates"],
  ["latency", "Lowest latency"],
];
const BUDGETS = [
  [600, "10 minutes"],
  [1800, "30 minutes"],
  [3600, "1 hour"],
  [7200, "2 hours"],
  [14400, "4 hours"],
  [28800, "8 hours"],
];
const SLIDERS = [
  { name: "max_size", axis: "bytes", label: "File of at most" },
  { name: "max_latency", axis: "latency", label: "Latency of at most" },
  { name: "max_macs", axis: "macs", label: "Multiply-accumulates of at most" },
  { name: "lose_at_most", axis: "", label: "Points below the dense model, at most" },
];
const AXIS_OF = { size: "bytes", macs: "macs", latency: "latency" };
const offered = { models: [], tasks: [], operators: [], axes: {} };
const form = {
  model: "minilm",
  task: "reviews",
  aim: "score",
  budget: 1800,
  train_examples: null,
  letters: new Set(),
  limits: { max_size: 0.25, max_latency: null, max_macs: null, lose_at_most: null },
};
/** @type {Outlook} */
let known = { points: [], dense: null, problem: "", plan: "" };
let sequence = 0,
  since = 0;

const inputs = el("form", { class: "inputs", "aria-label": "What to find" });
const plane = el("div", {
  class: "search-plane",
  role: "img",
  "aria-label": "No finished run to show yet",
});
const legend = el("ul", { class: "legend", "aria-label": "Legend of the search" });
const message = el("div", { class: "told" });
show(
  root,
  el(
    "section",
    { class: "card find", "aria-label": "Find the best pipeline" },
    el(
      "header",
      {},
      el("h2", {}, "Find"),
      el(
        "p",
        { class: "quiet" },
        "Set limits and a budget. Pipelines are tried where they promise most, on held-out rows; " +
          "the answer is confirmed with three seeds on validation.",
      ),
    ),
    el("div", { class: "halves" }, inputs, el("div", { class: "seen" }, plane, legend, message)),
  ),
);

// A limit is kept as a share of the dense model's cost, so that it holds for another model too.
const value = ({ name, axis }) => {
  const share = form.limits[name];
  if (share == null || !axis) return share;
  const whole = known.dense?.costs[axis];
  return whole ? share * whole : null;
};
const description = () => ({
  model: form.model,
  task: form.task,
  train_examples: form.train_examples,
  aim: form.aim,
  budget: form.budget,
  operators: [...form.letters].join(","),
  ...Object.fromEntries(SLIDERS.map((slider) => [slider.name, value(slider)])),
});
const formAxis = () =>
  AXIS_OF[form.aim] ||
  SLIDERS.find((slider) => slider.axis && form.limits[slider.name] != null)?.axis ||
  "bytes";

async function look() {
  const mine = ++sequence;
  const next = await call("outlook", description());
  if (mine !== sequence) return;
  const first = !known.dense && next.dense;
  known = next.error ? { ...known, problem: next.error, plan: "" } : next;
  if (first) {
    drawInputs(); // limits are known in units only now
    return look();
  }
  draw();
}
function change(part) {
  Object.assign(form, part);
  draw();
  look();
}

const choice = (name, label, choices) =>
  el(
    "div",
    { class: "field" },
    el("span", { class: "label" }, label),
    el(
      "select",
      {
        "aria-label": `${label} to search`,
        onchange: ({ target }) =>
          change({ [name]: name === "budget" ? Number(target.value) : target.value }),
      },
      choices.map(([id, text]) =>
        el("option", { value: id, selected: String(id) === String(form[name]) }, text),
      ),
    ),
  );
function limitText(slider) {
  const at = value(slider);
  if (form.limits[slider.name] == null) return "no limit";
  if (!slider.axis) return `${places(at)} points`;
  return at == null
    ? `${Math.round(form.limits[slider.name] * 100)} % of dense`
    : UNITS[slider.axis](at);
}
function limit(slider) {
  const { name, label, axis } = slider,
    on = form.limits[name] != null;
  const output = el("output", {}, limitText(slider));
  const range = el("input", {
    type: "range",
    min: axis ? 0.02 : 0,
    max: axis ? 1 : 10,
    step: axis ? 0.01 : 0.25,
    disabled: !on,
    "aria-label": `${label}: how much`,
    oninput: ({ target }) => {
      form.limits[name] = Number(target.value);
      output.textContent = limitText(slider);
      range.setAttribute("aria-valuetext", limitText(slider));
      drawPlane();
    },
    onchange: look,
  });
  range.value = on ? form.limits[name] : axis ? 0.5 : 1;
  range.setAttribute("aria-valuetext", limitText(slider));
  const tick = el("input", {
    type: "checkbox",
    checked: on,
    onchange: ({ target }) => {
      form.limits[name] = target.checked ? Number(range.value) : null;
      drawInputs();
      change({});
    },
  });
  return el("div", { class: "limit" }, el("label", {}, tick, el("span", {}, label)), output, range);
}
function drawInputs() {
  const focused = inputs.contains(document.activeElement)
    ? document.activeElement.getAttribute("aria-label")
    : null;
  const rows = el("input", {
    type: "number",
    min: 8,
    step: 1,
    placeholder: "all",
    "aria-label": "Training rows to search with",
    onchange: ({ target }) =>
      change({ train_examples: target.value ? Math.round(Number(target.value)) : null }),
  });
  if (form.train_examples) rows.value = form.train_examples;
  show(
    inputs,
    el(
      "div",
      { class: "pair" },
      choice("model", "Model", offered.models),
      choice("task", "Task", offered.tasks),
    ),
    el("fieldset", { class: "limits" }, el("legend", {}, "Limits"), SLIDERS.map(limit)),
    el(
      "div",
      { class: "pair" },
      choice("aim", "Wanted", AIMS),
      choice("budget", "Time", BUDGETS),
      el("div", { class: "field" }, el("span", { class: "label" }, "Training rows"), rows),
    ),
    el(
      "fieldset",
      { class: "letters" },
      el("legend", {}, "Operators"),
      offered.operators.map(([letter, name]) =>
        el(
          "button",
          {
            type: "button",
            class: "chip",
            title: name,
            "aria-label": `Search with ${name}`,
            "aria-pressed": String(form.letters.has(letter)),
            onclick: () => {
              form.letters.has(letter) ? form.letters.delete(letter) : form.letters.add(letter);
              drawInputs();
              change({});
            },
          },
          letter,
        ),
      ),
    ),
  );
  if (focused) inputs.querySelector(`[aria-label="${CSS.escape(focused)}"]`)?.focus();
}

const KINDS = [
  ["known", "finished runs"],
  ["few rows", "explored on few rows"],
  ["explored", "explored, held-out rows"],
  ["confirmed", "confirmed, validation"],
];
const kindOf = (point) => (point.explored ? (point.few ? "few rows" : "explored") : "confirmed");
/** What the plane shows: the search's own points while there is one, else finished runs. */
function seen() {
  /** @type {SearchState} */
  const search = plain(props.value);
  const axis = search ? search.axis : formAxis();
  const runs = known.points.map((point) => ({ ...point, kind: "known" }));
  const made = (search?.points || []).map((point) => ({ ...point, kind: kindOf(point) }));
  const points = [...runs, ...made].map((point) => ({
    x: point.costs[axis],
    y: point.score,
    steps: point.steps,
    kind: point.kind,
  }));
  const dense = made.find((point) => !point.steps && point.kind !== "few rows") || known.dense;
  const least = search ? search.lose_at_most : form.limits.lose_at_most;
  const lose = dense?.score != null && least != null ? dense.score - least : null;
  const slider = SLIDERS.find((slider) => slider.axis === axis);
  return {
    points,
    axis,
    axisTitle: `${offered.axes[axis] || ""}${{ bytes: ", MB", macs: ", millions", latency: ", ms" }[axis]}`,
    limit: search ? search.limit : value(slider),
    floor: search?.min_score ?? lose,
  };
}
function drawPlane() {
  const shown = seen();
  if (!shown.points.length) {
    show(plane, el("p", { class: "quiet" }, "No finished run of this model and task is here yet."));
    return show(legend);
  }
  const width = plane.clientWidth;
  if (!width) return; // in a tab that is not open: drawn when it is
  plane.setAttribute(
    "aria-label",
    `${shown.points.length} points, score against ${shown.axisTitle}; the forbidden region is shaded.`,
  );
  show(plane, searchPlane(width, Math.max(240, Math.min(420, width * 0.62)), shown));
  const kinds = new Set(shown.points.map((point) => point.kind));
  const key = (kind) =>
    kind === "confirmed"
      ? svg("path", { d: "M8 2l6 6l-6 6l-6 -6z", fill: "var(--fx-good)" })
      : svg("circle", {
          cx: 8,
          cy: 8,
          r: kind === "known" ? 3 : 5,
          fill: kind === "known" ? "var(--fx-edge)" : "none",
          stroke: kind === "known" ? "none" : "var(--fx-accent)",
          "stroke-width": 2,
          "stroke-dasharray": kind === "few rows" ? "2 2" : null,
        });
  show(
    legend,
    KINDS.filter(([kind]) => kinds.has(kind)).map(([kind, text]) =>
      el("li", {}, svg("svg", { class: "swatch", viewBox: "0 0 16 16" }, key(kind)), text),
    ),
    (shown.limit || shown.floor != null) &&
      el("li", {}, el("span", { class: "hatch" }), "forbidden"),
  );
}

const said = (text, path = ICONS.info) =>
  text && el("p", { class: "line" }, icon(path), el("span", {}, text));
function drawAnswer(search) {
  const best = search.answer.best;
  return el(
    "div",
    { class: "answer", role: "status" },
    said(search.answer.text, search.answer.keeps ? ICONS.check : ICONS.warn),
    best &&
      el(
        "div",
        { class: "actions" },
        el(
          "button",
          {
            type: "button",
            class: "primary",
            onclick: () => trigger("build_search", { pipeline: best.pipeline }),
          },
          icon(ICONS.build),
          "Open in Build",
        ),
        el(
          "button",
          { type: "button", onclick: () => trigger("open_run", { id: search.answer.run }) },
          icon(ICONS.down),
          "Open its run, to export it",
        ),
      ),
  );
}
function searchLink(id) {
  const url = address(null);
  url.searchParams.set("search", id);
  return url;
}
function drawTold() {
  /** @type {SearchState} */
  const search = plain(props.value);
  const active = search && ["queued", "running", "cancelling"].includes(search.state);
  const mine = search && (search.mine || localStorage.getItem(mineKey(search.id)));
  const before = search?.place > 1 ? `, ${search.place - 1} before it in the queue` : "";
  const { problem } = known;
  show(
    message,
    !active && el("p", { class: "problem", role: "alert" }, problem && icon(ICONS.warn), problem),
    !active && !problem && said(known.plan, ICONS.clock),
    !active &&
      el(
        "button",
        {
          type: "button",
          class: "primary start",
          disabled: Boolean(known.problem),
          onclick: () => trigger("start_search", { search: description(), owner: owner() }),
        },
        icon(ICONS.play),
        "Start search",
      ),
    search &&
      el(
        "div",
        { class: `search ${search.state}` },
        el(
          "div",
          { class: "title" },
          el("strong", {}, `${search.model} on ${search.task}`),
          el("span", { class: "state", role: "status" }, `${TITLES[search.state]}${before}`),
        ),
        el("p", { class: "quiet" }, `${search.goal}; ${search.clock}`),
        el(
          "div",
          {
            class: "bar",
            role: "progressbar",
            "aria-label": "Budget used",
            "aria-valuemin": "0",
            "aria-valuemax": "100",
            "aria-valuenow": String(Math.round(search.fraction * 100)),
          },
          el("span", { style: `width: ${search.fraction * 100}%` }),
        ),
        said(search.why && `Next: ${search.why}`, ICONS.play),
        search.failure &&
          el("p", { class: "problem", role: "alert" }, icon(ICONS.warn), search.failure),
        search.answer && drawAnswer(search),
        said(search.ranking),
        said(search.plan, ICONS.clock),
        search.findings.length > 0 &&
          el(
            "ol",
            { class: "findings", "aria-label": "Findings, the latest first" },
            [...search.findings].reverse().map((text) => el("li", {}, text)),
          ),
        el(
          "div",
          { class: "actions" },
          active &&
            mine &&
            el(
              "button",
              {
                type: "button",
                onclick: () => trigger("cancel_search", { id: search.id, owner: owner() }),
              },
              icon(ICONS.close),
              "Cancel search",
            ),
          el(
            "button",
            {
              type: "button",
              onclick: ({ currentTarget }) => copy(searchLink(search.id).href, currentTarget),
            },
            icon(ICONS.link),
            el("span", { class: "label", "aria-live": "polite" }, "Copy search link"),
          ),
        ),
      ),
  );
}
function draw() {
  /** @type {SearchState} */
  const search = plain(props.value);
  if (search?.mine) localStorage.setItem(mineKey(search.id), "1");
  drawPlane();
  drawTold();
}
function receive() {
  const next = plain(props.value);
  if ((next?.since || 0) < since) return; // of the search before, told too late
  since = next?.since || 0;
  const { model, task } = next || form;
  if (model === form.model && task === form.task) return draw();
  Object.assign(form, { model, task }); // a linked search of another model or task
  drawInputs();
  look();
}

async function begin() {
  const start = await server.begin();
  if (start.error) {
    known.problem = start.error;
    return draw();
  }
  Object.assign(offered, start);
  form.letters = new Set(start.operators.map(([letter]) => letter));
  drawInputs();
  await look();
}
new ResizeObserver(drawPlane).observe(plane);
watch("value", receive);
begin();
