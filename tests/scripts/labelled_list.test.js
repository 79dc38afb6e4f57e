import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.js";

const { listCsv, listFigures, readLabelled } = load("exits/labelled_list", [
  "listCsv",
  "listFigures",
  "readLabelled",
]);
const LABELS = ["negative", "positive"];

test("lines without labels are texts", () => {
  assert.equal(readLabelled(["A good film.", "A bad one, and long."], LABELS), null);
  assert.equal(readLabelled(["positive, uplifting, true"], LABELS), null); // one line is a text
  assert.equal(readLabelled(["Fine\tfilm", "Bad\tfilm"], LABELS), null);
});

test("a label stands first or last, by a tab or a comma, by name or number", () => {
  for (const lines of [
    ["positive\tGood, really.", "negative\tBad."],
    ["Good, really.\tpositive", "Bad.\tNegative"],
    ["1,Good, really.", "0,Bad."],
    ['"Good, really.",positive', '"Bad.", 0'],
  ])
    assert.deepEqual(readLabelled(lines, LABELS), {
      texts: ["Good, really.", "Bad."],
      meant: [1, 0],
      problem: "",
    });
});

test("a head is no text, and doubled quotes are one", () => {
  const lines = ["sentence,label", '"He said ""good"".",1', "Bad.,0"];
  assert.deepEqual(readLabelled(lines, LABELS).texts, ['He said "good".', "Bad."]);
});

test("labels of several words are read with blanks too", () => {
  const read = readLabelled(
    ["not entailment\ta", "entailment\tb"],
    ["entailment", "not_entailment"],
  );
  assert.deepEqual(read.meant, [1, 0]);
});

test("a line without its label is told by its number", () => {
  const lines = ["text\tlabel", "Good.\t1", "Bad.\t0", "Meh.\t2"];
  const { texts, problem } = readLabelled(lines, LABELS);
  assert.deepEqual(texts, []);
  assert.match(problem, /^Line 4 must begin or end with a label: negative, positive, or 0 to 1\.$/);
});

const way = (answers, exit) => ({ answers, exit, last: 2, layers: [1, 2, 4] });
const WAYS = [way([0, 1, 1], 0), way([1, 1, 1], 1), way([1, 0, 0], 0), way([0, 0, 0], 2)];

test("a list's figures tell what leaving and depth get right", () => {
  assert.deepEqual(listFigures(WAYS, [1, 1, 1, 1]), {
    right: 2,
    deep: 2,
    layer: 2,
    onlyDepth: [0],
    onlyEarly: [2],
    neither: [3],
  });
});

test("the CSV has a line for each text, quoted", () => {
  const csv = listCsv([WAYS[0]], [{ text: 'A "good", one', meant: 1 }], LABELS);
  assert.equal(
    csv,
    '"text","label","answer","left_after_layer","answer_at_full_depth"\r\n' +
      '"A ""good"", one","positive","negative","1","positive"\r\n',
  );
});
