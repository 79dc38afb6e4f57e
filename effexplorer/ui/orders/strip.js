// The strip: a table whose second column draws every seed of an order on one scale of scores.
const orderKey = (row) => row.order.join(" > ");
const symbolOf = (mark) =>
  svg("path", { d: SYMBOLS[mark.symbol] || SYMBOLS.circle, transform: "translate(-8 -8)" });
const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

// ``open(id)`` a run, ``light(key)`` an order in both figures, ``pin(key)`` it, ``queue(row,
// seed)`` a run that is missing.
function orderStrip({ open, light, pin, queue }) {
  const head = el("thead"),
    body = el("tbody");
  const table = el("table", { class: "strip" }, el("caption", { class: "offscreen" }), head, body);
  const node = el(
    "div",
    {
      class: "scroll",
      tabindex: "0",
      role: "region",
      "aria-label": "Orders and their seeds, as a table",
    },
    table,
  );
  let at = null,
    rows = [];

  function scale({ rows, dense, predicted, margin }) {
    const means = rows.filter((row) => row.seeds.length > 1).map((row) => row.mean);
    const middle = means.length > 1 ? (Math.min(...means) + Math.max(...means)) / 2 : null;
    const band = middle == null ? null : [middle - margin / 2, middle + margin / 2];
    const all = [
      ...rows.flatMap((row) => row.seeds.map((seed) => seed.score)),
      dense,
      predicted,
      ...(band || []),
    ].filter((row) => row != null);
    if (!all.length) all.push(50, 100);
    const room = Math.max(0.08 * (Math.max(...all) - Math.min(...all)), 0.5);
    const [low, high] = [Math.min(...all) - room, Math.max(...all) + room];
    return { low, high, band, at: (score) => `${(100 * (score - low)) / (high - low)}%` };
  }
  const upright = (score, kind) =>
    score != null &&
    svg("line", { x1: at(score), x2: at(score), y1: "-2%", y2: "102%", class: kind });
  function ground(state, band) {
    return [
      band &&
        svg("rect", {
          class: "band",
          x: at(band[0]),
          y: 0,
          width: `${parseFloat(at(band[1])) - parseFloat(at(band[0]))}%`,
          height: "100%",
        }),
      upright(state.dense, "dense"),
      upright(state.predicted, "predicted"),
    ];
  }
  function cell(row, state, band) {
    const scores = row.seeds.map((seed) => seed.score);
    return svg(
      "svg",
      { class: "lane", "aria-hidden": "true" },
      ground(state, band),
      scores.length > 1 &&
        svg("line", {
          class: "reach",
          x1: at(Math.min(...scores)),
          x2: at(Math.max(...scores)),
          y1: "50%",
          y2: "50%",
        }),
      row.mean != null &&
        svg("svg", { x: at(row.mean), y: "50%", class: "mean" }, symbolOf(row.mark)),
      row.seeds.map((seed) =>
        svg(
          "circle",
          {
            class: "seed",
            cx: at(seed.score),
            cy: "50%",
            r: 4,
            onclick: (event) => {
              event.stopPropagation();
              open(seed.id);
            },
          },
          svg("title", {}, `seed ${seed.seed}: ${seed.text}. Click opens the run.`),
        ),
      ),
    );
  }
  function waiting(run, row) {
    const { state } = run.job || {};
    if (state === "queued" || state === "running") {
      return el(
        "a",
        { class: "job", href: address(run.id).href, title: "Watch it in the Build tab" },
        icon(ICONS.clock),
        state === "queued"
          ? `seed ${run.seed} queued${run.job.place ? `, place ${run.job.place}` : ""}`
          : `seed ${run.seed} running`,
      );
    }
    return el(
      "button",
      {
        type: "button",
        class: "small queue",
        title: run.job?.failure || null,
        "aria-label": `Queue ${row.letters}, seed ${run.seed}`,
        onclick: (event) => {
          event.stopPropagation();
          queue(row, run.seed, event.currentTarget);
        },
      },
      icon(run.job?.state === "failed" ? ICONS.warn : ICONS.play),
      `Queue seed ${run.seed}`,
    );
  }
  function detail(row) {
    return el(
      "tr",
      { class: "detail" },
      el(
        "td",
        { colspan: 5 },
        el("code", {}, orderKey(row)),
        el(
          "div",
          { class: "actions" },
          row.seeds.map((seed) =>
            el(
              "button",
              { type: "button", class: "small", onclick: () => open(seed.id) },
              `Open seed ${seed.seed}`,
              el("span", { class: "quiet" }, seed.text),
            ),
          ),
          row.missing.map((run) => waiting(run, row)),
        ),
      ),
    );
  }
  /** @param {OrderRow} row @param {OrdersState} state */
  function line(row, state, band, pinned) {
    const key = orderKey(row),
      chosen = key === pinned;
    const button = el(
      "button",
      { type: "button", class: "order", "aria-expanded": String(chosen), onclick: () => pin(key) },
      row.letters,
    );
    return [
      el(
        "tr",
        {
          class: `row${row.mean == null ? " unrun" : ""}`,
          "data-key": key,
          style: `--tone: var(--series-${row.mark.series})`,
          onclick: (event) => event.target.closest("button, a") || pin(key),
          onmouseenter: () => light(key),
          onmouseleave: () => light(null),
          onfocusin: () => light(key),
          onfocusout: () => light(null),
        },
        el("th", { scope: "row" }, button),
        el(
          "td",
          { class: "lane-cell" },
          cell(row, state, band),
          el(
            "span",
            { class: "offscreen" },
            row.seeds.length
              ? row.seeds.map((seed) => `seed ${seed.seed}: ${seed.text}`).join(", ")
              : "not run",
          ),
        ),
        row.mean == null
          ? el(
              "td",
              { class: "act", colspan: 3 },
              row.missing.slice(0, 1).map((run) => waiting(run, row)),
            )
          : [
              el("td", { class: "number strong" }, row.score),
              el("td", { class: "number cost" }, row.size),
              el("td", { class: "number cost" }, row.macs),
            ],
      ),
      chosen && detail(row),
    ];
  }
  function draw(state, sorted, pinned) {
    const focused = body.contains(document.activeElement)
      ? document.activeElement.closest("tr").dataset.key
      : null;
    const { low, high, band, at: place } = scale(state);
    [at, rows] = [place, sorted];
    const marks = ticks(low, high, node.clientWidth < 34 * em() ? 4 : 6);
    table.caption.textContent = `${plural(rows.length, "order")}: ${state.score}, seed by seed`;
    show(
      head,
      el(
        "tr",
        {},
        el("th", { scope: "col" }, "Order"),
        el(
          "th",
          { scope: "col", class: "lane-cell" },
          el("span", { class: "offscreen" }, "Every seed"),
          svg(
            "svg",
            { class: "lane scale", "aria-hidden": "true" },
            marks.map((mark) => svg("text", { x: at(mark), y: "1.1em" }, String(mark))),
            marks.map((mark) => svg("line", { x1: at(mark), x2: at(mark), y1: "72%", y2: "100%" })),
          ),
        ),
        ["Mean", "Size", "MACs"].map((title, index) =>
          el("th", { scope: "col", class: `number${index ? " cost" : ""}` }, title),
        ),
      ),
    );
    show(
      body,
      rows.flatMap((row) => line(row, state, band, pinned)),
    );
    if (focused)
      [...body.querySelectorAll("tr")]
        .find((row) => row.dataset.key === focused)
        ?.querySelector("button")
        .focus();
    node.classList.toggle("banded", Boolean(band));
  }
  function lit(key) {
    for (const row of body.querySelectorAll(".row"))
      row.classList.toggle("lit", row.dataset.key === key);
  }
  return { node, draw, lit };
}
