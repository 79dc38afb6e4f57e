// The plane's figure, in the colours and the size of the page.
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
    `${rows.length} runs, score against ${cost}. Arrow keys go from point to point, Enter ` +
      "opens one. The table below holds the same runs.",
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
