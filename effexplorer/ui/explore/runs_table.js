// The runs on the plane as a table.
/** @param {PlaneState} state */
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
        headRow(head.map(withTerms), (at) => at > 1 && at < 7),
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
