import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.js";

const {
  SCORES,
  candidates,
  changedByLeaving,
  cheapest,
  depthByTag,
  half,
  leave,
  likelihoods,
  openTable,
  prepareTable,
  ranks,
  readinessOf,
  reliability,
  rowTable,
  sharesOf,
} = load("exits/math", [
  "SCORES",
  "candidates",
  "changedByLeaving",
  "cheapest",
  "depthByTag",
  "half",
  "leave",
  "likelihoods",
  "openTable",
  "prepareTable",
  "ranks",
  "readinessOf",
  "reliability",
  "rowTable",
  "sharesOf",
]);

const near = (actual, expected, tolerance = 1e-9) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);
const log = Math.log;

/** Returns a table of three rows and two exits: row 1 alone is right only late. */
const threeRows = () => ({
  examples: 3,
  exits: 2,
  outputs: 2,
  layers: [1, 4],
  metric: "accuracy",
  tags: ["easy", "hard"],
  tag: [0, 1, 1],
  temperatures: [2, 1],
  logits: [log(9), 0, log(9), 0, log(3), log(2), 0, log(4), 0, log(3), 0, log(4)],
  macs: [10, 40, 10, 40, 10, 40],
  labels: [0, 1, 1],
});

for (const [bits, value] of [
  [0x3c00, 1],
  [0xc000, -2],
  [0x3555, 0.333251953125],
  [0x0001, 2 ** -24],
  [0x8000, -0],
  [0x7c00, Infinity],
  [0x7e00, NaN],
])
  test(`the half-precision bits 0x${bits.toString(16)} are ${value}`, () => {
    assert.equal(half(bits), value);
  });

test("a packed table is opened with the macs of each example at each exit", () => {
  const packed = (array) => Buffer.from(array.buffer).toString("base64");
  const table = openTable(
    {
      examples: 2,
      logits: packed(Uint16Array.of(0x3c00, 0, 0, 0x3c00, 0xc000, 0, 0, 0)),
      temperatures: [1, 1.5],
      macs: [
        [1, 2],
        [3, 4],
      ],
      cost: packed(Uint32Array.of(1, 0)),
      labels: packed(Float32Array.of(0, 1)),
      tags: ["plain"],
      tag: packed(Uint32Array.of(0, 0)),
      threshold: 0.9,
    },
    { layers: [1, 2], labels: ["no", "yes"], metric: "accuracy" },
  );
  assert.deepEqual([...table.logits], [1, 0, 0, 1, -2, 0, 0, 0]);
  assert.deepEqual([...table.macs], [3, 4, 1, 2]);
  assert.deepEqual([...table.labels], [0, 1]);
  assert.equal(table.outputs, 2);
  assert.equal(table.calibrated, true);
});

test("probabilities are a softmax, at the exit's temperature where they are calibrated", () => {
  const table = threeRows();
  const [raw, calibrated] = [likelihoods(table, false), likelihoods(table, true)];
  near(raw[0], 0.9);
  near(calibrated[0], 0.75); // the square root of 9, to 1
  near(calibrated[2], 0.9);
});

test("a very large logit gives no NaN", () => {
  const table = { ...threeRows(), examples: 1, exits: 1, logits: [1e4, -1e4] };
  assert.deepEqual([...likelihoods(table, false)], [1, 0]);
});

for (const [policy, expected] of [
  ["confidence", [0.9, 0.9, 0.6, 0.8, 0.75, 0.8]],
  ["patience", [0, 1, 0, 0, 0, 1]],
])
  test(`the readiness by ${policy} of every row at every exit`, () => {
    const { readiness } = prepareTable(threeRows(), policy, false);
    readiness.forEach((value, at) => near(value, expected[at]));
  });

test("entropy is ready where an exit is sure, and not where it knows nothing", () => {
  const table = { examples: 1, exits: 2, outputs: 2 };
  const [unsure, sure] = readinessOf(table, "entropy", [0.5, 0.5, 1, 0], [0, 0]);
  near(unsure, 0);
  near(sure, 1);
});

test("agreement of a regression is the distance to the exit before, never reached at the first", () => {
  const table = { examples: 1, exits: 3, outputs: 1 };
  assert.deepEqual([...readinessOf(table, "agreement", [], [1, 3, 2.5])], [-Infinity, -2, -0.5]);
});

test("a row leaves at the first exit that is ready, and at the last in any case", () => {
  assert.deepEqual([...leave([0.9, 0, 0.5, 0.9, 0.1, 0.2], 3, 2, 0.9)], [0, 1, 1]);
  assert.deepEqual([...leave([NaN, 1], 1, 2, 0)], [1]);
});

test("equal values share their rank", () => {
  assert.deepEqual([...ranks([3, 1, 3, 2])], [2.5, 0, 2.5, 1]);
});

const ANSWERS = [1, 1, 0, 0, 1];
const LABELS = [1, 0, 0, 1, 1];
for (const [metric, score] of [
  ["accuracy", 3 / 5],
  ["f1", 2 / 3],
  ["matthews_correlation", 1 / 6],
  ["pearson", 1 / 6],
])
  test(`${metric} of three hits in five`, () => near(SCORES[metric](ANSWERS, LABELS), score));

for (const metric of ["f1", "matthews_correlation", "pearson", "spearmanr"])
  test(`${metric} is 0 where every answer is the same`, () => {
    assert.equal(SCORES[metric]([0, 0, 0], [0, 1, 1]), 0);
  });

test("spearmanr sees the order alone", () => near(SCORES.spearmanr([1, 10, 100], [1, 2, 3]), 1));

test("candidates leave out the last exit and what is not finite, and lie within the rest", () => {
  const readiness = Float64Array.of(0.25, 9, 0.75, 9, -Infinity, 9);
  assert.deepEqual(candidates(readiness, 2, 3), [0.25, 0.5, 0.75]);
  assert.deepEqual(candidates(Float64Array.of(-Infinity, 1), 2), []);
});

test("the cheapest threshold that keeps the score lets the sure rows leave early", () => {
  const prepared = prepareTable(threeRows(), "confidence", false);
  assert.equal(prepared.full.macs, 40);
  const best = cheapest(prepared, 1);
  near(best.score, 100);
  near(best.macs, 20);
  assert.deepEqual([...best.left], [0, 1, 0]);
});

test("no threshold is cheaper where one exit has to be kept for the score", () => {
  const full = { score: 90, macs: 40 };
  const curve = [{ score: 80, macs: 10 }, full];
  assert.equal(cheapest({ curve, full }, 1), full);
  assert.equal(cheapest({ curve, full }, 0.85), curve[0]);
});

test("the share of rows at each exit, and the mean depth of each tag from the shallowest on", () => {
  const left = [0, 1, 0];
  sharesOf(left, 2).forEach((share, exit) => near(share, [2 / 3, 1 / 3][exit]));
  assert.deepEqual(depthByTag(threeRows(), left), [
    { name: "easy", depth: 1, count: 1 },
    { name: "hard", depth: 2.5, count: 2 },
  ]);
});

test("rows that early exit gains and loses are counted apart", () => {
  const table = threeRows();
  const answers = [0, 0, 0, 1, 1, 0];
  assert.deepEqual(changedByLeaving({ table, answers }, [0, 0, 0]), { gained: 1, lost: 1 });
  assert.deepEqual(changedByLeaving({ table, answers }, [1, 1, 1]), { gained: 0, lost: 0 });
});

test("the calibration error is the mean gap of confidence and accuracy over the bins", () => {
  const { gap, bins } = reliability(prepareTable(threeRows(), "confidence", false), 0);
  // 0.9 right, 0.6 wrong, 0.75 right
  near(gap, (0.1 + 0.6 + 0.25) / 3);
  assert.equal(bins.length, 3);
});

test("a typed text's calibrated probabilities come back from its table", () => {
  const probabilities = [
    [0.7, 0.3],
    [0.2, 0.8],
  ];
  const row = { probabilities, answers: ["no", "yes"], macs: [1, 2] };
  const table = rowTable(row, { layers: [1, 2], labels: ["no", "yes"] }, [1.5, 2]);
  likelihoods(table, true).forEach((value, at) => near(value, probabilities.flat()[at]));
});

test("a typed text of a regression keeps its numbers", () => {
  const row = { probabilities: [[], []], answers: [2.5, 3], macs: [1, 2] };
  const table = rowTable(row, { layers: [1, 2], labels: [] }, [1, 1]);
  assert.deepEqual([...table.logits], [2.5, 3]);
  assert.equal(table.outputs, 1);
});
