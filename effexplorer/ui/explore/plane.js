// The plane: filters above, the Plotly figure, its legend, and the same runs as a table.
const NO_ANSWER = { error: "The server does not answer. Reload the page when it is back." };
let state = null;
let sequence = 0;
let pending = {}; // changes that the server has not yet answered
const FILTERS = ["task", "model", "operators", "match"]; // an opened run that they hide resets them
let zoom = null;
let width = 0;
const question = questionForm(
  (part) => change(part),
  (id) => open(id),
);
const controls = el("form", {
  class: "filters",
  "aria-label": "Filters of the plane",
  onsubmit: (event) => event.preventDefault(),
});
const legend = el("ul", { class: "legend", tabindex: 0, "aria-label": "Legend" });
const chart = el("div", {
  class: "chart",
  role: "application",
  tabindex: "0",
  onkeydown: (event) => picker.byKey(event, placedPoints(figureNow), hoverPoint),
});
const picker = pointPicker(chart, (id) => open(id));
let figureNow = null; // the figure as it is drawn
const hoverPoint = ({ curveNumber, pointNumber }) =>
  Plotly.Fx.hover(chart, [{ curveNumber, pointNumber }]);
const nothing = el("div", { class: "empty", hidden: true });
const notices = el("div", { class: "notices", role: "status" });
const table = el("div", {
  class: "runs-table",
  tabindex: "0",
  role: "region",
  "aria-label": "Runs on the plane, as a table",
});
function download(kind, save) {
  const label = `Download as ${kind.toUpperCase()}`;
  return el(
    "button",
    { type: "button", class: "small", "aria-label": label, onclick: save },
    icon(ICONS.down),
    kind.toUpperCase(),
  );
}
root.append(
  el(
    "section",
    { class: "card plane", "aria-label": "Accuracy against cost" },
    controls,
    question.form,
    legend,
    el("div", { class: "stage" }, chart, picker.list, nothing),
    el(
      "div",
      { class: "actions downloads", role: "group", "aria-label": "Download" },
      ["png", "svg"].map((kind) => download(kind, () => saveFigure(kind))),
      ["csv", "json"].map((kind) => download(kind, () => saveRows(kind))),
    ),
  ),
  notices,
  table,
);

function saveFigure(format) {
  if (!figureNow) return;
  const { width, height } = figureNow.layout;
  const layout = { ...figureNow.layout, paper_bgcolor: color("--fx-card") };
  const name = `effexplorer-${state.view.task}-${state.view.cost}`;
  const scale = format === "png" ? 2 : 1; // sharp on a slide
  const figure = { data: figureNow.data, layout };
  Plotly.downloadImage(figure, { format, width, height, scale, filename: name });
}
async function saveRows(kind) {
  const file = await server.written({ view: state.view, kind }).catch(() => NO_ANSWER);
  if (file.error) show(notices, notice(file.error));
  else saveFile(file);
}

const library = (path) => {
  window.effexplorerPlotly ||= new Promise((resolve, reject) => {
    document.head.append(
      el("script", { src: path, async: true, onload: resolve, onerror: reject }),
    );
  });
  return window.effexplorerPlotly;
};

// What a person sets is a step that Back can undo; `draw` then writes what the server made of it.
function choose(part) {
  history.pushState(history.state, "", window.location.href);
  change(part);
}
async function change(part) {
  const mine = ++sequence;
  Object.assign(pending, part);
  if ("selected" in part) pending.opening = Boolean(part.selected);
  else if (FILTERS.some((name) => name in part)) pending.opening = false; // set since: it may hide
  const view = { ...state?.view, opening: false, ...pending };
  let next;
  try {
    next = await server.redraw(view);
  } catch {
    next = NO_ANSWER;
  }
  if (mine !== sequence) return;
  pending = {};
  if (next.error) show(notices, notice(next.error));
  else draw(next);
}
function open(id) {
  trigger("open_run", { id });
  change({ selected: id });
}
const notice = (text) => el("p", { class: "notice" }, icon(ICONS.info), text);

const select = (name, label, choices, value) =>
  el(
    "label",
    { class: "field" },
    el("span", {}, label),
    el(
      "select",
      {
        "data-name": name,
        "aria-label": label,
        onchange: (event) => choose({ [name]: event.target.value }),
      },
      choices.map(([id, text]) => el("option", { value: id, selected: id === value }, text)),
    ),
  );
const segments = (name, label, choices, value) =>
  el(
    "fieldset",
    { class: "segments" },
    el("legend", {}, `${label}: `, term(choices.find(([id]) => id === value)[1])),
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
          onchange: () => choose({ [name]: id }),
        }),
        el("span", {}, text),
      ),
    ),
  );
function drawFilters({ view, options, published }) {
  const focusedName = controls.contains(document.activeElement)
    ? document.activeElement.dataset.name
    : null;
  const letters = new Set(view.operators);
  const toggle = (letter) => {
    letters.has(letter) ? letters.delete(letter) : letters.add(letter);
    choose({ operators: [...letters] });
  };
  show(
    controls,
    select("task", "Task", options.tasks, view.task),
    select("data", "Trained on", options.data, view.data),
    select("model", "Model", options.models, view.model),
    segments("cost", "Cost", options.costs, view.cost),
    el(
      "fieldset",
      { class: "letters" },
      el("legend", {}, "Runs"),
      el(
        "select",
        {
          "aria-label": "How the chosen operators count",
          "data-name": "match",
          onchange: (event) => choose({ match: event.target.value }),
        },
        options.matches.map(([id, text]) =>
          el("option", { value: id, selected: id === view.match }, text),
        ),
      ),
      options.operators.map(([letter, name]) =>
        el(
          "button",
          {
            type: "button",
            class: "chip",
            title: name,
            "aria-label": name,
            "data-name": `letter-${letter}`,
            "aria-pressed": String(letters.has(letter)),
            onclick: () => toggle(letter),
          },
          letter,
        ),
      ),
    ),
    el(
      "label",
      { class: "switch" },
      el("input", {
        type: "checkbox",
        role: "switch",
        checked: view.log,
        "data-name": "log",
        onchange: (event) => choose({ log: event.target.checked }),
      }),
      el("span", {}, "Log scale"),
    ),
    el(
      "label",
      { class: "switch" },
      el("input", {
        type: "checkbox",
        role: "switch",
        checked: view.seeds,
        "data-name": "seeds",
        onchange: (event) => choose({ seeds: event.target.checked }),
      }),
      el("span", {}, "Each seed"),
    ),
    el(
      "label",
      { class: "switch published" },
      el("input", {
        type: "checkbox",
        role: "switch",
        checked: view.published,
        disabled: !published.any,
        "data-name": "published",
        onchange: (event) => choose({ published: event.target.checked }),
      }),
      el("span", {}, "Published", published.note && el("small", {}, published.note)),
    ),
  );
  if (focusedName) controls.querySelector(`[data-name="${focusedName}"]`)?.focus();
}
function drawLegend(entries, published) {
  show(
    legend,
    entries.map((entry) =>
      el("li", { class: entry.source ? "source" : null }, swatch(entry.mark), entry.label),
    ),
    entries.length &&
      el(
        "li",
        { class: "source" },
        svg(
          "svg",
          { class: "swatch wide", viewBox: "0 0 24 16", "aria-hidden": "true" },
          svg("path", {
            d: "M1 13h7V8h8V3h7",
            fill: "none",
            stroke: "var(--fx-accent)",
            "stroke-width": 2,
          }),
        ),
        "Pareto front",
      ),
    published &&
      el(
        "li",
        {},
        svg(
          "svg",
          { class: "swatch", viewBox: "0 0 16 16", "aria-hidden": "true" },
          svg("path", {
            d: "M8 2v12M2 8h12M3.8 3.8l8.4 8.4M12.2 3.8l-8.4 8.4",
            stroke: "var(--fx-ink-3)",
            "stroke-width": 1.5,
          }),
        ),
        "published, not measured here",
      ),
  );
}
function drawTable({ rows, view, options }) {
  const kept =
    table.contains(document.activeElement) && document.activeElement.closest("tr")?.dataset.id;
  const head = [
    "Pipeline",
    "Steps",
    "Score",
    ...options.costs.map(([, title]) => title),
    "Seed",
    "From",
  ];
  show(
    table,
    rows.length &&
      el(
        "table",
        {},
        el("caption", {}, `${rows.length} ${rows.length === 1 ? "run" : "runs"}, best score first`),
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            head.map((title, index) =>
              el(
                "th",
                { scope: "col", class: index > 1 && index < 7 ? "number" : null },
                withTerms(title),
              ),
            ),
          ),
        ),
        el(
          "tbody",
          {},
          rows.map((row) =>
            el(
              "tr",
              {
                class: row.id === view.selected ? "selected" : null,
                "data-id": row.id,
                onclick: () => open(row.id),
              },
              el(
                "th",
                { scope: "row" },
                el(
                  "button",
                  {
                    type: "button",
                    class: "row-open",
                    "aria-current": row.id === view.selected ? "true" : null,
                    onclick: (event) => {
                      event.stopPropagation();
                      open(row.id);
                    },
                  },
                  swatch(row.mark),
                  row.letters,
                ),
              ),
              el("td", { class: "steps", title: row.steps }, row.steps),
              el("td", { class: "number strong" }, row.score),
              row.costs.map((cost) => el("td", { class: "number" }, cost)),
              el("td", { class: "number" }, String(row.seed)),
              el("td", {}, el("span", { class: `tag ${row.source}` }, row.source)),
            ),
          ),
        ),
      ),
  );
  if (kept) table.querySelector(`[data-id="${kept}"] button`)?.focus({ preventScroll: true });
}

const color = (name) => getComputedStyle(root).getPropertyValue(name).trim();
function repaint(figure) {
  const ink = color("--fx-ink"),
    line = color("--fx-line"),
    card = color("--fx-card"),
    accent = color("--fx-accent");
  for (const trace of figure.data) {
    const role = trace.meta.role;
    if (role === "points") {
      const tone = color(`--series-${trace.meta.series}`);
      trace.marker.color = tone;
      trace.marker.line.color = trace.meta.open ? tone : card;
      trace.error_y.color = tone;
      if (large()) trace.marker.size = trace.marker.size.map((size) => size * 1.35);
    }
    if (role === "published")
      Object.assign(trace.marker, { color: color("--fx-ink-3"), size: large() ? 13 : 9 });
    if (role === "front")
      Object.assign(trace, {
        fillcolor: color("--fx-front"),
        line: { ...trace.line, color: accent },
      });
    if (role === "path" || role === "leaving")
      Object.assign(trace, {
        line: { ...trace.line, color: ink },
        marker: { ...trace.marker, color: ink },
      });
    if (role === "selected") {
      trace.marker.color = ink;
      trace.error_y.color = ink;
    }
    if (trace.mode.includes("text"))
      trace.textfont = {
        color: ["path", "leaving"].includes(role) ? ink : color("--fx-ink-2"),
        size: large() ? 17 : 12,
        weight: ["path", "leaving"].includes(role) ? 700 : 400,
        shadow: `0 0 2px ${card}, 0 0 3px ${card}, 0 0 4px ${card}`,
      };
  }
  const font = {
    family: getComputedStyle(root).fontFamily,
    color: color("--fx-ink-2"),
    size: large() ? 18 : 13,
  };
  Object.assign(figure.layout, {
    width: chart.clientWidth,
    height: chart.clientHeight,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font,
    hoverlabel: {
      bgcolor: color("--fx-raised"),
      bordercolor: line,
      align: "left",
      font: { ...font, color: ink },
    },
  });
  for (const axis of [figure.layout.xaxis, figure.layout.yaxis])
    Object.assign(axis, {
      gridcolor: line,
      linecolor: color("--fx-ink-3"),
      tickcolor: color("--fx-ink-3"),
      nticks: chart.clientWidth < 500 ? 5 : 10,
    });
  if (matchMedia("(pointer: coarse)").matches) figure.layout.dragmode = false;
  if (chart.clientWidth < 500) Object.assign(figure.layout.margin, { l: 46, r: 10, b: 46 });
}
const large = () => document.documentElement.classList.contains("projector");

async function drawFigure() {
  const { figure, plotly, rows, cost } = plain(state);
  nothing.hidden = rows.length > 0;
  chart.hidden = !rows.length;
  if (!rows.length) return drawNothing();
  await library(plotly);
  width = chart.clientWidth;
  if (!width) return; // in a tab that is not open: drawn when it is
  repaint(figure);
  figureNow = figure;
  picker.close();
  placeLabels(figure.data, figure.layout);
  chart.setAttribute(
    "aria-label",
    `${rows.length} runs, score against ${cost}. Arrow keys go from point to point, Enter opens one. The table below holds the same runs.`,
  );
  const config = {
    displaylogo: false,
    displayModeBar: false,
    scrollZoom: false,
    doubleClick: "reset",
  };
  await Plotly.react(chart, figure.data, figure.layout, config);
  if (chart.dataset.wired) return;
  chart.dataset.wired = "yes";
  chart.on("plotly_click", ({ points: [clicked] }) => {
    const placed = placedPoints(figureNow);
    const chosen = placed.find(
      ({ curveNumber, pointNumber }) =>
        curveNumber === clicked?.curveNumber && pointNumber === clicked?.pointNumber,
    );
    if (!chosen) return;
    Plotly.Fx.unhover(chart);
    picker.pick(placed, chosen);
  });
  chart.on("plotly_relayout", (part) => {
    if (!Object.keys(part).some((key) => key.includes("axis"))) return;
    const { xaxis, yaxis } = chart.layout;
    zoom =
      xaxis.autorange || Object.keys(part).some((key) => key.includes("autorange"))
        ? null
        : { x: [...xaxis.range], y: [...yaxis.range] };
    drawFigure();
  });
}
function drawNothing() {
  const filtered = state.total > 0;
  show(
    nothing,
    svg(
      "svg",
      { viewBox: "0 0 96 64", "aria-hidden": "true" },
      svg("path", { d: "M10 4v50h82", class: "axis" }),
      svg("path", { d: "M18 48h14V34h20V20h22v-8h16", class: "steps" }),
      ...[
        [18, 48],
        [32, 34],
        [52, 20],
        [74, 12],
      ].map(([cx, cy]) => svg("circle", { cx, cy, r: 3.2 })),
    ),
    el("h3", {}, filtered ? "No run passes these filters" : "No run here yet"),
    el(
      "p",
      {},
      filtered
        ? "Choose fewer operators, or another model."
        : "Every finished run is a point on this plane. Make the first one in the Build tab.",
    ),
    filtered &&
      el(
        "button",
        {
          type: "button",
          class: "small",
          onclick: () => choose({ model: "", operators: [], match: "all" }),
        },
        "Clear the filters",
      ),
  );
}
function draw(next) {
  if (!next) return;
  if (!state || state.figure.layout.uirevision !== next.figure.layout.uirevision) zoom = null;
  state = next;
  const link = putView(new URL(window.location.href), state.view).href;
  if (link !== window.location.href) history.replaceState(history.state, "", link);
  drawFilters(state);
  drawLegend(
    state.legend,
    state.figure.data.some((trace) => trace.meta.role === "published"),
  );
  question.draw(state.asked);
  drawTable(state);
  show(
    notices,
    state.notices.slice(0, 5).map(notice),
    state.notices.length > 5 &&
      notice(`and ${state.notices.length - 5} more files that cannot be read.`),
  );
  drawFigure();
}
watch("value", () => {
  const selection = plain(props.value);
  if (selection) change({ selected: selection.select });
});
document.addEventListener("effexplorer-closed", () => change({ selected: "" }));
document.addEventListener("effexplorer-deleted", () => change({}));
change(viewOfLink(new URLSearchParams(window.location.search)));
window.addEventListener("popstate", () => {
  const view = viewOfLink(new URLSearchParams(window.location.search));
  if (view.selected && view.selected !== state?.view.selected)
    trigger("open_run", { id: view.selected });
  if (!view.selected) document.dispatchEvent(new CustomEvent("effexplorer-forget"));
  change(view);
});
new ResizeObserver(() => {
  if (state && chart.clientWidth && chart.clientWidth !== width) drawFigure();
}).observe(chart);
const repaintSoon = () => state && chart.clientWidth && requestAnimationFrame(drawFigure);
// Plotly writes the address into its clip paths.
document.addEventListener("effexplorer-address", repaintSoon);
new MutationObserver(repaintSoon).observe(document.body, {
  attributes: true,
  attributeFilter: ["class"],
});
new MutationObserver(repaintSoon).observe(document.documentElement, {
  attributes: true,
  attributeFilter: ["class"],
});
