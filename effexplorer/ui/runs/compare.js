// Pinned runs side by side: a column each, then their paths and their exits' curves in one chart
// each.
const SLOTS = ["A", "B", "C", "D"];
const MEASURES = ["Score", "Size on disk", "Parameters", "MACs per sentence", "Latency"];
const DASHES = [null, "7 4", "2 3", "9 3 2 3"];
const badge = (at) => el("span", { class: `slot slot-${at}` }, SLOTS[at]);

function changeOf(tile) {
  if (!tile.change) return null;
  const kind =
    tile.better == null
      ? ""
      : `${tile.better ? "better" : "worse"} ${tile.rises ? "rises" : "falls"}`;
  return el(
    "span",
    { class: `change ${kind}` },
    tile.change,
    tile.better != null &&
      el(
        "span",
        { class: "offscreen" },
        tile.better ? " (better than dense)" : " (worse than dense)",
      ),
  );
}
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
          el(
            "thead",
            {},
            el(
              "tr",
              {},
              head.map((title, index) =>
                el("th", { scope: "col", class: index ? "number" : null }, title),
              ),
            ),
          ),
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

// Lines of up to four runs in one chart. A line is {at, points, dots}: dots marks every point of
// it.
function linesChart(title, across) {
  const chart = svg("svg", { class: "lines", role: "img" }),
    note = el("p", { class: "quiet" });
  const node = el(
    "figure",
    {},
    el("figcaption", {}, title),
    el("div", { class: "stage" }, chart),
    note,
  );
  let lines = [];
  function draw() {
    const unit = em(),
      width = chart.parentNode.clientWidth,
      height = Math.round(Math.min(Math.max(width * 0.6, 15 * unit), 24 * unit));
    if (!width || !lines.length) return;
    const points = lines.flatMap((line) => line.points),
      scores = points.map(([, y]) => y);
    const size = {
      left: 3.4 * unit,
      right: width - 2.6 * unit,
      top: 0.8 * unit,
      bottom: height - 3.3 * unit,
    };
    const most = Math.max(...points.map(([x]) => x)) || 1,
      pad = Math.max((Math.max(...scores) - Math.min(...scores)) * 0.1, 0.4);
    const [low, high] = [Math.min(...scores) - pad, Math.max(...scores) + pad];
    const x = (value) => size.left + (value / most) * (size.right - size.left),
      y = (value) => size.bottom - ((value - low) / (high - low)) * (size.bottom - size.top);
    const text = (at, words, kind, anchor = "middle") =>
      svg("text", { x: at[0], y: at[1], class: kind, "text-anchor": anchor }, words);
    put(chart, { viewBox: `0 0 ${width} ${height}`, width, height });
    const ends = lines
      .map((line) => ({ line, x: x(line.points.at(-1)[0]), y: y(line.points.at(-1)[1]) }))
      .sort((line, other) => line.y - other.y);
    ends.forEach((end, at) => {
      end.words = Math.max(
        end.y,
        ...ends
          .slice(0, at)
          .filter((other) => Math.abs(other.x - end.x) < 2 * unit)
          .map((other) => other.words + 1.05 * unit),
      );
    });
    show(
      chart,
      ticks(low, high, 5).flatMap((tick) => [
        svg("path", { class: "grid", d: `M${size.left} ${y(tick)}H${size.right}` }),
        text([size.left - 0.5 * unit, y(tick) + 0.32 * unit], String(tick), "tick", "end"),
      ]),
      ticks(0, most, width < 22 * unit ? 3 : 6).flatMap((tick) => [
        svg("path", { class: "axis", d: `M${x(tick)} ${size.bottom}v${0.3 * unit}` }),
        text([x(tick), size.bottom + 1.4 * unit], String(tick), "tick"),
      ]),
      svg("path", { class: "axis", d: `M${size.left} ${size.bottom}H${size.right}` }),
      text([(size.left + size.right) / 2, height - 0.4 * unit], across, "title"),
      lines.map(({ at, points, dots }) =>
        svg(
          "g",
          { class: `slot-${at}` },
          points.length > 1 &&
            svg("path", {
              class: "line",
              "stroke-dasharray": DASHES[at],
              d: points
                .map(
                  ([px, py], index) =>
                    `${index ? "L" : "M"}${x(px).toFixed(1)} ${y(py).toFixed(1)}`,
                )
                .join(""),
            }),
          (dots ? points : points.slice(-1)).map(([px, py], index, all) =>
            svg("circle", {
              class: index === all.length - 1 ? "end" : "dot",
              cx: x(px),
              cy: y(py),
              r: (index === all.length - 1 ? 0.42 : 0.24) * unit,
            }),
          ),
        ),
      ),
      ends.map(({ line, x: px, words }) =>
        svg(
          "g",
          { class: `slot-${line.at}` },
          text([px + 0.7 * unit, words + 0.35 * unit], SLOTS[line.at], "name", "start"),
        ),
      ),
    );
    const sentences = lines.map(
      (line) =>
        `${SLOTS[line.at]} from ${line.points[0][1].toFixed(1)} % at ${places(line.points[0][0])} to ${line.points.at(-1)[1].toFixed(1)} % at ${places(line.points.at(-1)[0])}`,
    );
    put(chart, { "aria-label": `${title}, in ${across}: ${sentences.join("; ")}.` });
  }
  return {
    node,
    draw,
    set(next, words) {
      lines = next;
      note.textContent = words;
      draw();
    },
  };
}

function comparison(acts) {
  const paths = linesChart("Paths: score, %, after every stage", "size on disk, MB"),
    curves = linesChart(
      "Leaving early: score, %, at every threshold",
      "mean compute, million MACs per sentence",
    );
  const head = el("div"),
    paired = el("div", { class: "paired" }),
    tables = el("div"),
    warned = el("p", { class: "problem" }),
    charts = el("div", { class: "charts" }, paths.node, curves.node);
  const node = el(
    "section",
    { class: "card compare", "aria-labelledby": "fx-runs-compare", hidden: true },
    el(
      "header",
      {},
      el("h2", { id: "fx-runs-compare", tabindex: "-1" }, "Side by side"),
      el(
        "div",
        { class: "actions" },
        el(
          "button",
          { type: "button", onclick: (event) => copy(acts.link(), event.currentTarget) },
          icon(ICONS.link),
          el("span", { class: "label", "aria-live": "polite" }, "Copy link"),
        ),
        el(
          "button",
          {
            type: "button",
            class: "icon-only",
            "aria-label": "Close the comparison",
            onclick: acts.close,
          },
          icon(ICONS.close),
        ),
      ),
    ),
    warned,
    head,
    paired,
    el("h3", {}, "Stages"),
    tables,
    charts,
  );
  let width = 0;
  const redraw = () => {
    paths.draw();
    curves.draw();
  };
  new ResizeObserver(([entry]) => {
    if (entry.contentRect.width !== width) requestAnimationFrame(redraw);
    width = entry.contentRect.width;
  }).observe(charts);
  new MutationObserver(() => requestAnimationFrame(redraw)).observe(document.documentElement, {
    attributes: true,
    attributeFilter: ["class"],
  });
  return {
    node,
    draw(compared) {
      const { runs, missing, one_task: oneTask, paired: sentences, changed } = compared;
      const words = [
        missing.length && `Not here: ${missing.join(", ")}.`,
        !oneTask && "These runs are of different tasks: their scores cannot be compared.",
        oneTask &&
          !compared.one_data &&
          "These runs were trained on different rows: none of their scores is called the best.",
        !compared.one_place &&
          "They were timed on different processors or engines: no latency is called the best.",
      ].filter(Boolean);
      show(
        warned,
        words.length && icon(ICONS.warn),
        words.length && el("span", {}, words.join(" ")),
      );
      node.querySelector("h3").hidden = charts.hidden = !runs.length;
      if (!runs.length) return (show(head), show(tables));
      show(head, besideTable(compared, acts));
      show(
        paired,
        sentences.map((sentence) => el("p", {}, sentence)),
        changed.map((pair) => changedRows(pair, runs)),
      );
      show(tables, stageTables(runs));
      paths.set(
        runs.map((run, at) => ({ at, points: run.path, dots: true })),
        "Each line begins at the run's own dense model and ends at its letter.",
      );
      const leaving = runs.filter((run) => run.curve.length);
      curves.node.hidden = !leaving.length;
      const others =
        runs.length > leaving.length
          ? " A single point is a run without exits, or without its exit table."
          : "";
      if (leaving.length)
        curves.set(
          runs.map((run, at) => ({ at, points: run.curve.length ? run.curve : [run.macs] })),
          `On the validation split; a line ends at full depth.${others}`,
        );
    },
  };
}
