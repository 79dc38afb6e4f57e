// The pinned runs' table: a column each, what differs, and their stages.
const SLOTS = ["A", "B", "C", "D"];
const MEASURES = ["Score", "Size on disk", "Parameters", "MACs per sentence", "Latency"];
const badge = (at) => el("span", { class: `slot slot-${at}` }, SLOTS[at]);

/** @param {Comparison} compared */
function besideTable({ runs, differing, ...alike }, acts) {
  const oneTask = alike.one_task && alike.one_data;
  const comparable = MEASURES.map((_, at) =>
    at === 0 ? oneTask : at < MEASURES.length - 1 || alike.one_place,
  );
  const best = MEASURES.map((_, at) =>
    (at ? Math.min : Math.max)(...runs.map((run) => run.values[at])),
  );
  const isBest = (run, at) =>
    comparable[at] &&
    run.values[at] === best[at] &&
    runs.some((other) => other.values[at] !== best[at]);
  return el(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": "Pinned runs side by side" },
    el(
      "table",
      { class: "beside", style: `--runs: ${runs.length}` },
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          el("td"),
          runs.map((run, at) =>
            el(
              "th",
              { scope: "col", class: `slot-${at}` },
              el(
                "div",
                { class: "who" },
                badge(at),
                el(
                  "button",
                  {
                    type: "button",
                    class: "row-open",
                    "aria-label": `Open run ${SLOTS[at]}, ${run.letters}`,
                    onclick: () => acts.open(run.id),
                  },
                  swatch(run.mark),
                  run.letters,
                ),
                el(
                  "button",
                  {
                    type: "button",
                    class: "icon-only small",
                    "aria-label": `Unpin run ${SLOTS[at]}, ${run.letters}`,
                    onclick: () => acts.unpin(run.id),
                  },
                  icon(ICONS.close),
                ),
              ),
              el(
                "p",
                {},
                `${run.subtitle}, seed ${run.seed} `,
                el(
                  "span",
                  { class: `tag ${run.source === "shipped" ? "shipped" : "here"}` },
                  run.source,
                ),
              ),
              el("p", { class: "typed" }, run.steps),
            ),
          ),
        ),
      ),
      el(
        "tbody",
        {},
        MEASURES.map((title, at) =>
          el(
            "tr",
            {},
            el(
              "th",
              { scope: "row" },
              at
                ? withTerms(title)
                : runs.every((run) => run.tiles[0].label === runs[0].tiles[0].label)
                  ? runs[0].tiles[0].label
                  : title,
            ),
            runs.map((run) =>
              el(
                "td",
                { class: isBest(run, at) ? "best" : null },
                el("strong", {}, run.tiles[at].value),
                changeOf(run.tiles[at]),
                isBest(run, at) && el("span", { class: "tag" }, "best"),
                el("small", {}, withTerms(run.tiles[at].note)),
              ),
            ),
          ),
        ),
        differingRows(differing),
      ),
    ),
  );
}
/** @param {Beside[]} runs */
function stageTables(runs) {
  const head = ["Stage", "Score", "Size", "MACs", "Latency"],
    cells = [0, 1, 3, 4];
  return el(
    "div",
    { class: "columns" },
    runs.map((run, at) =>
      el(
        "div",
        {
          class: "scroll",
          tabindex: "0",
          role: "region",
          "aria-label": `Stages of run ${SLOTS[at]}`,
        },
        el(
          "table",
          { class: "stages" },
          el("caption", {}, badge(at), run.letters),
          headRow(head),
          el(
            "tbody",
            {},
            run.stages.map((stage) =>
              el(
                "tr",
                {},
                el(
                  "th",
                  { scope: "row", title: stage.step },
                  el("span", { class: "letter" }, stage.letter || "0"),
                  stage.step.split("(")[0],
                ),
                cells.map((cell) => el("td", { class: "number" }, stage.cells[cell])),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}
