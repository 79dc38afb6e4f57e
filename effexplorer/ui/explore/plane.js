// The plane: filters above, the Plotly figure, its legend, and the same runs as a table.
/** @type {PlaneState | null} */
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
  const file = await call("written", { view: state.view, kind });
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
  const next = await call("redraw", view);
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
