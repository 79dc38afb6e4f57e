// What runs side by side differ in, and the sentences that they answer otherwise.
const KINDS = {
  gained: ["gained", "wrong before, right now"],
  lost: ["lost", "right before, wrong now"],
  otherwise: ["wrong otherwise", "wrong before and now, with another answer"],
};

/**
 * Returns table rows of the settings in which the runs differ.
 * @param {{name: string, values: string[]}[]} differing
 */
const differingRows = (differing) =>
  differing.map(({ name, values }) =>
    el(
      "tr",
      { class: "differs" },
      el("th", { scope: "row" }, name),
      values.map((value) => el("td", {}, value)),
    ),
  );

/** Returns the counts of a pair's changed sentences, and the sentences to unfold. */
function changedRows(pair, runs) {
  const [first, second] = [pair.first, pair.second];
  const changes = pair.gained + pair.lost + pair.otherwise;
  const title = el(
    "p",
    { class: "counts" },
    badge(first),
    " to ",
    badge(second),
    ` ${runs[first].letters} to ${runs[second].letters}, ${pair.examples.toLocaleString("en")} sentences: `,
    Object.entries(KINDS).map(([kind, [word, meaning]]) =>
      el("span", { class: `tag ${kind}`, title: meaning }, `${pair[kind]} ${word}`),
    ),
  );
  if (!changes) return el("section", { class: "changed" }, title);
  if (!pair.texts)
    return el(
      "section",
      { class: "changed" },
      title,
      el("p", { class: "quiet" }, "The sentences themselves are not on this machine."),
    );
  const head = ["", "Sentence", "Right answer", SLOTS[first], SLOTS[second]];
  return el(
    "section",
    { class: "changed" },
    title,
    el(
      "details",
      {},
      el(
        "summary",
        {},
        pair.rows.length < changes
          ? `The ${pair.rows.length} surest changes of ${changes}`
          : `Which sentences changed (${changes}), the surest first`,
        icon(ICONS.down),
      ),
      el(
        "div",
        {
          class: "scroll",
          tabindex: "0",
          role: "region",
          "aria-label": `Sentences that ${SLOTS[second]} answers otherwise than ${SLOTS[first]}`,
        },
        el(
          "table",
          {},
          el(
            "thead",
            {},
            el(
              "tr",
              {},
              head.map((words) =>
                el(
                  "th",
                  { scope: "col" },
                  words || el("span", { class: "offscreen" }, "What changed"),
                ),
              ),
            ),
          ),
          el(
            "tbody",
            {},
            pair.rows.map((row) =>
              el(
                "tr",
                {},
                el("td", {}, el("span", { class: `tag ${row.kind}` }, KINDS[row.kind][0])),
                el("td", {}, row.text),
                [row.label, row.before, row.after].map((words) => el("td", {}, words)),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}
