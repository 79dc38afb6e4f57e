// The opened run: tiles, stages, provenance, and how to repeat it. On a static site, where it is
// `published`, nothing is built or exported.
/** @param {Tile} tile */
const tileOf = (tile) =>
  el(
    "div",
    { class: "tile" },
    el("dt", {}, withTerms(tile.label)),
    el(
      "dd",
      {},
      el("strong", {}, tile.value),
      changeOf(tile),
      el("small", {}, withTerms(tile.note)),
    ),
  );
const code = (title, text) =>
  el(
    "div",
    { class: "code" },
    el("header", {}, el("span", {}, title), copyButton(text)),
    el("pre", { tabindex: "0" }, el("code", {}, text)),
  );

/** @param {StageRow[]} stages */
function stagesTable(stages) {
  const head = ["Stage", "Score", "Size", "Params", "MACs", "Latency", "Took"];
  return el(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": "Stages of the run" },
    el(
      "table",
      {},
      headRow(head),
      el(
        "tbody",
        {},
        stages.map((stage) =>
          el(
            "tr",
            {},
            el(
              "th",
              { scope: "row" },
              el("span", { class: "letter" }, stage.letter || "0"),
              stage.step,
            ),
            stage.cells.map((cell) => el("td", { class: "number" }, cell)),
          ),
        ),
      ),
    ),
  );
}
function exitsTable({ rows, point, words }) {
  const head = ["Exit at", "Score there", "MACs", "Temperature", "Leave here"];
  return [
    el("h3", {}, "Early exit: ", term("operating point", "Operating point")),
    el(
      "dl",
      { class: "point" },
      point.map(([term, value, note]) =>
        el(
          "div",
          {},
          el("dt", {}, term),
          el("dd", {}, el("strong", {}, value), note && el("small", {}, note)),
        ),
      ),
    ),
    el("p", { class: "aside words" }, words),
    el(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": "Exits of the model" },
      el(
        "table",
        { class: "exits" },
        headRow(head),
        el(
          "tbody",
          {},
          rows.map((row) =>
            el(
              "tr",
              {},
              el("th", { scope: "row" }, row.layer),
              row.cells.map((cell) => el("td", { class: "number" }, cell)),
              el(
                "td",
                { class: "number leave" },
                el("span", {
                  class: "share",
                  style: `--share: ${row.share}%`,
                  "aria-hidden": "true",
                }),
                row.leave,
              ),
            ),
          ),
        ),
      ),
    ),
  ];
}
/** @param {Missed} missed */
const missed = ({ rows, basis }) => [
  el("h3", {}, "Measured minus predicted"),
  rows.length > 0 &&
    el(
      "dl",
      { class: "point" },
      rows.map(([term, value, expected]) =>
        el(
          "div",
          {},
          el("dt", {}, term),
          el("dd", {}, el("strong", {}, value), el("small", {}, expected)),
        ),
      ),
    ),
  el("p", { class: "aside words" }, rows.length ? `Predicted ${basis}.` : basis),
];
function nothingOpen(message) {
  show(
    root,
    el(
      "section",
      { class: "card none" },
      svg(
        "svg",
        { viewBox: "0 0 96 64", "aria-hidden": "true" },
        svg("path", { d: "M74 14L52 22 34 40", class: "steps" }),
        svg("path", { d: "M41 38l-7 2 1-7", class: "steps" }),
        ...[
          [74, 14],
          [52, 22],
          [34, 40],
        ].map(([cx, cy]) => svg("circle", { cx, cy, r: 3.6 })),
      ),
      el("h3", {}, message ? "Not found" : "Open a run"),
      el(
        "p",
        {},
        message ||
          "Click a point, or a row of the table. Its path through the plane appears: from the " +
            "dense model, step by step, to where it ends.",
      ),
    ),
  );
}
function draw() {
  /** @type {RunPage & {message?: string}} */
  const run = plain(props.value);
  if (!run || run.message) return nothingOpen(run?.message);
  remember(run.id);
  const close = () => {
    remember(null);
    document.dispatchEvent(new CustomEvent("effexplorer-closed"));
    nothingOpen();
  };
  const link = address(run.id).href;
  show(
    root,
    el(
      "section",
      { class: "card run", "aria-labelledby": "fx-run-title" },
      el(
        "header",
        {},
        el(
          "div",
          {},
          el("h2", { id: "fx-run-title" }, swatch(run.mark), run.letters),
          el(
            "p",
            {},
            run.subtitle,
            el(
              "span",
              { class: `tag ${run.source === "shipped" ? "shipped" : "here"}` },
              run.source,
            ),
          ),
        ),
        el(
          "button",
          { type: "button", class: "icon-only", "aria-label": "Close the run", onclick: close },
          icon(ICONS.close),
        ),
      ),
      el("p", { class: "typed" }, run.steps),
      el("dl", { class: "tiles" }, run.tiles.map(tileOf)),
      el(
        "p",
        { class: "aside" },
        run.stages.length > 1
          ? "Changes are against this run's own dense stage."
          : "This is a dense model: the start of every path.",
      ),
      el(
        "div",
        { class: "actions" },
        !run.published &&
          el(
            "button",
            {
              type: "button",
              class: "primary",
              onclick: () => trigger("build_run", { id: run.id }),
            },
            icon(ICONS.build),
            "Open in builder",
          ),
        run.exits &&
          (run.answers || !run.published) &&
          el(
            "button",
            { type: "button", onclick: () => tryExits(run.id) },
            icon(ICONS.play),
            run.answers ? "Try its exits" : "See its exits",
          ),
        el(
          "button",
          { type: "button", onclick: (event) => copy(link, event.currentTarget) },
          icon(ICONS.link),
          el("span", { class: "label", "aria-live": "polite" }, "Copy link"),
        ),
      ),
      run.exits &&
        !run.answers &&
        !run.published &&
        el(
          "p",
          { class: "aside" },
          `${run.source === "shipped" ? "Shipped without its model" : "Its model is not kept any more"}: ` +
            "of its exits there are figures to see, but no sentence can be typed into them.",
        ),
      el("h3", {}, "Stages"),
      stagesTable(run.stages),
      run.training && el("p", { class: "aside training" }, run.training),
      run.missed && missed(run.missed),
      run.exits && exitsTable(run.exits),
      !run.published && exportPart(run),
      el("h3", {}, "Reproduce"),
      code("Command line", run.command),
      code("Python", run.python),
      el(
        "details",
        {},
        el("summary", {}, "Provenance", icon(ICONS.down)),
        el(
          "dl",
          { class: "facts" },
          run.provenance.flatMap(([term, text]) => [el("dt", {}, term), el("dd", {}, text)]),
        ),
      ),
    ),
  );
}
function reveal() {
  draw();
  const { top } = root.getBoundingClientRect();
  if (plain(props.value)?.id && (top > innerHeight * 0.8 || top < -200))
    root.scrollIntoView({ block: "start", behavior: "smooth" });
}
watch("value", reveal);
document.addEventListener("effexplorer-deleted", ({ detail }) => {
  if (plain(props.value)?.id !== detail) return;
  remember(null);
  nothingOpen();
});
// Back, to before a run was open.
document.addEventListener("effexplorer-forget", () => nothingOpen());
draw();
