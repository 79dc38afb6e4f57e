// What is typed into the search of the runs: words, and columns by name such as "seed 1".
/** Columns by the word that names them; each gives the texts of a row that it looks at. */
const SEARCHED = {
  pipeline: (row) => [row.letters],
  steps: (row) => [row.steps],
  task: (row) => [row.task],
  model: (row) => [row.model],
  seed: (row) => row.seeds,
  rows: (row) => [row.examples],
  from: (row) => [row.source],
};
const EXACT = ["seed", "rows"]; // numbers: seed 1 is not seed 12
const ALL = (row) => [
  row.letters,
  row.steps,
  row.task,
  row.model,
  row.source,
  row.which,
  row.created,
  ...row.ids,
];
/** Returns ``text`` without case and punctuation, so that "sst2" finds SST-2. */
const bare = (text) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/**
 * Returns the terms of a search: "seed 1 sst2" and "seed:1 sst2" are a column and a word.
 * @param {string} typed
 * @returns {{column: ?string, text: string}[]}
 */
function searchTerms(typed) {
  const words = typed.toLowerCase().replace(/[:=]/g, " ").split(/\s+/).filter(Boolean);
  const terms = [];
  for (let at = 0; at < words.length; at++) {
    const column = words[at] in SEARCHED && at + 1 < words.length ? words[at] : null;
    if (column) at += 1;
    terms.push({ column, text: words[at] });
  }
  return terms;
}
/** Tells whether a row of the table has all of the terms. */
function matchesTerms(row, terms) {
  return terms.every(({ column, text }) => {
    const texts = (column ? SEARCHED[column] : ALL)(row);
    if (EXACT.includes(column)) return texts.some((each) => bare(each) === bare(text));
    return texts.some(
      (each) =>
        each.toLowerCase().includes(text) || (bare(text) && bare(each).includes(bare(text))),
    );
  });
}
