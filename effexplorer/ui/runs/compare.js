// Pinned runs side by side: a column each, then their paths and their exits' curves in one chart
// each.
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
    /** @param {Comparison} compared */
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
