// The table of runs: searched, sorted, and drawn a piece at a time, so that hundreds cost no more
// than fifty.
const PIECE = 50;
const COLUMNS = [
  ["letters", "Pipeline"],
  ["steps", "Steps"],
  ["task", "Task"],
  ["model", "Model"],
  ["score", "Score", "number"],
  ["bytes", "Size", "number"],
  ["parameters", "Params", "number"],
  ["macs", "MACs", "number"],
  ["latency", "Latency", "number"],
  ["seed", "Seed", "number"],
  ["examples", "Trained on", "number"],
  ["created", "Measured (UTC)"],
  ["source", "From"],
];
const FALLING = ["score", "created"]; // the best and the newest come first
const BIN = "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9M6.8 7v4M9.2 7v4";

/** Returns the sentence that says why no row is left. */
function noMatch({ typed, task }) {
  const where = task ? ` of ${task}` : "";
  return (
    `No run${where} matches "${typed.trim()}". Words are looked for in every column; seed ` +
    "1, task sst2, model minilm, rows 958 or from shipped in one."
  );
}

// ``acts``: open(id), pin(row, on), show(ids) for the runs of a mean, remove(row, button).
function runTable(acts) {
  let rows = null, // until the server has told them
    shown = [],
    drawn = 0,
    sort = { by: "created", way: -1 },
    pinned = new Set(),
    full = false;
  const made = new WeakMap();
  const caption = el(
      "caption",
      {},
      el("span", { role: "status" }),
      " · What they mean: ",
      withTerms("Size, Parameters, MACs, Latency"),
    ),
    body = el("tbody"),
    none = el("p", { class: "no-match quiet", role: "status", hidden: true });
  const heads = COLUMNS.map(([name, title, kind]) =>
    el(
      "th",
      { scope: "col", class: kind, "data-name": name },
      el(
        "button",
        { type: "button", class: "sorter", onclick: () => turn(name) },
        el("span", {}, title),
      ),
    ),
  );
  const more = el("button", { type: "button", class: "more", onclick: () => grow() });
  const node = el(
    "div",
    { class: "region", tabindex: "0", role: "region", "aria-label": "All runs" },
    el(
      "table",
      {},
      caption,
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          el("th", { scope: "col" }, el("span", { class: "offscreen" }, "Pin")),
          heads,
          el("th", { scope: "col" }, el("span", { class: "offscreen" }, "Delete")),
        ),
      ),
      body,
    ),
    none,
    more,
  );
  const near = whenSeen(more, () => drawn < shown.length && grow(), {
    root: node,
    rootMargin: "200px",
  });

  const keyOf = (row) => row.sort[sort.by] ?? row[sort.by];
  const order = (first, other) => {
    const [a, b] = [keyOf(first), keyOf(other)];
    const less =
      typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
    return less * sort.way || first.place - other.place;
  };
  function turn(name) {
    sort = { by: name, way: sort.by === name ? -sort.way : FALLING.includes(name) ? -1 : 1 };
    search();
    node.scrollTop = 0;
  }
  let asked = { typed: "", task: "", ids: null };
  function search(next = asked) {
    asked = next;
    if (!rows) return;
    const terms = searchTerms(asked.typed);
    shown = rows
      .filter(
        (row) =>
          (!asked.task || row.task === asked.task) &&
          (!asked.ids || asked.ids.includes(row.ids[0])) &&
          matchesTerms(row, terms),
      )
      .sort(order);
    for (const head of heads)
      head.setAttribute(
        "aria-sort",
        head.dataset.name !== sort.by ? "none" : sort.way > 0 ? "ascending" : "descending",
      );
    caption.firstChild.textContent =
      shown.length === rows.length
        ? `${rows.length} ${rows.length === 1 ? "row" : "rows"}`
        : `${shown.length} of ${rows.length} rows`;
    show(body);
    none.hidden = shown.length > 0;
    show(none, rows.length ? noMatch(asked) : "No run is here yet: make the first in Build.");
    drawn = 0;
    grow();
  }
  function grow() {
    const next = shown.slice(drawn, drawn + PIECE);
    body.append(...next.map(rowOf));
    drawn += next.length;
    more.hidden = drawn >= shown.length;
    more.textContent = `Show ${Math.min(PIECE, shown.length - drawn)} more of ${shown.length - drawn}`;
    near.unobserve(more);
    near.observe(more); // looks anew: it may be near still
  }
  /** @param {RunsRow} row */
  function rowOf(row) {
    if (!made.has(row)) made.set(row, drawRow(row));
    mark(row);
    return made.get(row);
  }
  function mark(row) {
    const line = made.get(row),
      box = line.querySelector("input"),
      on = pinned.has(row.ids[0]);
    line.classList.toggle("pinned", on);
    if (box) [box.checked, box.disabled] = [on, full && !on];
  }
  function drawRow(row) {
    const single = row.ids.length === 1,
      what = `${row.letters} on ${row.task}, ${row.which}`;
    return el(
      "tr",
      {},
      el(
        "td",
        { class: "pin" },
        single &&
          el("input", {
            type: "checkbox",
            "aria-label": `Pin ${what}`,
            onchange: (event) => acts.pin(row, event.target.checked),
          }),
      ),
      el(
        "th",
        { scope: "row" },
        el(
          "button",
          {
            type: "button",
            class: "row-open",
            title: single ? "Open the run" : "Show its runs",
            "aria-label": `${single ? "Open" : "Show the runs of"} ${what}`,
            onclick: () => (single ? acts.open(row.ids[0]) : acts.show(row)),
          },
          swatch(row.mark),
          row.letters,
        ),
      ),
      el("td", { class: "steps", title: row.steps }, row.steps),
      el("td", {}, row.task),
      el("td", { class: "model" }, row.model),
      el("td", { class: "number" }, el("strong", {}, row.score[0]), el("small", {}, row.score[1])),
      row.costs.map((cost) => el("td", { class: "number" }, cost)),
      el("td", { class: "number" }, row.seed),
      el("td", { class: "number" }, row.examples),
      el("td", { class: "when" }, row.created),
      el("td", {}, el("span", { class: `tag ${row.source}` }, row.source)),
      el(
        "td",
        {},
        single &&
          row.source === "here" &&
          el(
            "button",
            {
              type: "button",
              class: "icon-only small",
              "aria-label": `Delete ${what}`,
              title: "Delete",
              onclick: (event) => acts.remove(row, event.currentTarget),
            },
            icon(BIN),
          ),
      ),
    );
  }
  return {
    node,
    search,
    set(next, folded) {
      rows = next.map((row, place) => ({ ...row, place }));
      heads.find((head) => head.dataset.name === "seed").querySelector("span").textContent = folded
        ? "Seeds"
        : "Seed";
      search();
    },
    pin(ids, most) {
      [pinned, full] = [new Set(ids), ids.length >= most];
      for (const row of shown.slice(0, drawn)) mark(row);
    },
  };
}
