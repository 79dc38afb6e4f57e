// A list of texts with labels: how it is read, what a threshold makes of it, and its summary.

/**
 * Reads lines of a text and its label, by a tab or a comma, the label first or last.
 * Returns null for lines without labels, else the texts, the labels' numbers, and a problem.
 * @param {string[]} lines one text each; the first may name the columns
 * @param {string[]} labels the classes' names
 */
function readLabelled(lines, labels) {
  const plainName = (cell) => unquoted(cell).trim().toLowerCase().replaceAll(/[_ ]+/g, " ");
  const names = new Map(labels.map((name, at) => [plainName(name), at]));
  labels.forEach((_, at) => names.has(String(at)) || names.set(String(at), at));
  const numberOf = (cell) => names.get(plainName(cell)) ?? -1;
  const parted = lines.map((line) => {
    const first = line.match(/^([^\t,]*)[\t,](.*)$/s),
      last = line.match(/^(.*)[\t,]([^\t,]*)$/s);
    if (first && numberOf(first[1]) >= 0) return [first[2], numberOf(first[1])];
    if (last && numberOf(last[2]) >= 0) return [last[1], numberOf(last[2])];
    return null;
  });
  const count = parted.filter(Boolean).length;
  if (count < 2 || count < lines.length / 2) return null;
  const skipped = parted[0] ? 0 : 1; // a head: it has no label
  const rest = parted.slice(skipped);
  const bad = rest.indexOf(null);
  const problem =
    bad >= 0
      ? `Line ${bad + skipped + 1} must begin or end with a label: ${labels.join(", ")}, or 0 to ${labels.length - 1}.`
      : "";
  const kept = problem ? [] : rest;
  return {
    texts: kept.map(([text]) => unquoted(text)),
    meant: kept.map(([, label]) => label),
    problem,
  };
}
function unquoted(cell) {
  const text = cell.trim();
  return /^".*"$/s.test(text) ? text.slice(1, -1).replaceAll('""', '"') : text;
}

/**
 * Returns what a list's texts come to: how many are right where they leave and at full depth, the
 * mean layer, and the places of those that only depth gets right, only leaving early, or neither.
 * @param {{answers: number[], exit: number, last: number, layers: number[]}[]} ways
 * @param {number[]} meant the labels' numbers
 */
function listFigures(ways, meant) {
  const right = ways.map((way, at) => way.answers[way.exit] === meant[at]);
  const deep = ways.map((way, at) => way.answers[way.last] === meant[at]);
  const places = (chosen) => [...ways.keys()].filter(chosen);
  return {
    right: right.filter(Boolean).length,
    deep: deep.filter(Boolean).length,
    layer: ways.reduce((sum, way) => sum + way.layers[way.exit], 0) / ways.length,
    onlyDepth: places((at) => deep[at] && !right[at]),
    onlyEarly: places((at) => right[at] && !deep[at]),
    neither: places((at) => !right[at] && !deep[at]),
  };
}

/** Returns the rows of a list as CSV: what was meant, and what was said where. */
function listCsv(ways, list, labels) {
  const quoted = (value) => `"${String(value).replaceAll('"', '""')}"`;
  const head = ["text", "label", "answer", "left_after_layer", "answer_at_full_depth"];
  const lines = ways.map((way, at) => [
    list[at].text,
    labels[list[at].meant],
    labels[way.answers[way.exit]],
    way.layers[way.exit],
    labels[way.answers[way.last]],
  ]);
  return [head, ...lines].map((line) => line.map(quoted).join(",")).join("\r\n") + "\r\n";
}

/**
 * Returns the summary of a list with labels; `ways` went through every layer.
 * @param {(place: number) => void} choose shows one of the texts
 */
function listSummary(ways, list, labels, choose) {
  const figures = listFigures(
    ways,
    list.map((each) => each.meant),
  );
  const share = (count) => `${count} of ${ways.length} right (${percent(count / ways.length)})`;
  const group = (title, places) =>
    places.length > 0 && [
      el("h3", {}, `${title}: ${places.length}`),
      el(
        "ul",
        {},
        places.map((at) =>
          el(
            "li",
            {},
            el(
              "button",
              { type: "button", class: "example", onclick: () => choose(at) },
              list[at].text,
            ),
          ),
        ),
      ),
    ];
  return el(
    "section",
    { class: "labelled", "aria-label": "List with labels" },
    el(
      "p",
      { class: "summary" },
      `With labels: ${share(figures.right)} at this threshold, after ` +
        `${figures.layer.toFixed(1)} of ${ways[0].layers.at(-1)} layers on average; at full ` +
        `depth ${share(figures.deep)}.`,
    ),
    group("Right only at depth", figures.onlyDepth),
    group("Right only because they leave early", figures.onlyEarly),
    group("Wrong where they leave and at full depth", figures.neither),
    el(
      "button",
      {
        type: "button",
        class: "small",
        onclick: () =>
          saveFile({ name: "effexplorer-list.csv", text: listCsv(ways, list, labels) }),
      },
      icon(ICONS.down),
      "CSV",
    ),
  );
}
