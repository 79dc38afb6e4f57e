import assert from "node:assert/strict";
import { test } from "node:test";
import { makeModel } from "../../effexplorer/web/exit_session.js";

const ort = {
  Tensor: class {
    constructor(type, data, dims) {
      Object.assign(this, { type, data, dims });
    }
  },
};
const ROWS = [
  { ids: [7, 8, 9], types: [0, 0, 1] },
  { ids: [7], types: [0] },
];

/** Returns a function that opens sessions of two exits, and what these were given, in order. */
function fakeSessions() {
  const given = [];
  const logits = [Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6, 7, 8)];
  const sessionOf = async (exit) => ({
    outputNames: exit === 0 ? ["logits", "hidden"] : ["logits"],
    async run(feeds) {
      given.push({ exit, feeds });
      return { logits: new ort.Tensor("float32", logits[exit], [2, 2]), hidden: `after ${exit}` };
    },
  });
  return { sessionOf, given };
}

test("rows are padded to the longest, as 64-bit ids, with their lengths beside", () => {
  const { feeds } = makeModel(ort, { pooling: "first", pad: 99 }).begin(ROWS);
  assert.deepEqual([...feeds.ids.data], [7n, 8n, 9n, 7n, 99n, 99n]);
  assert.deepEqual([...feeds.token_types.data], [0n, 0n, 1n, 0n, 0n, 0n]);
  assert.deepEqual([...feeds.lengths.data], [3, 1]);
  assert.deepEqual(feeds.ids.dims, [2, 3]);
  assert.equal(feeds.share, undefined);
});

test("mean pooling gives each token of a row its share, and padding none", () => {
  const { share } = makeModel(ort, { pooling: "mean", pad: 0 }).begin(ROWS).feeds;
  assert.deepEqual(share.data, Float32Array.of(1 / 3, 1 / 3, 1 / 3, 1, 0, 0));
  assert.deepEqual(share.dims, [2, 1, 3]);
});

test("nothing is computed before it is asked for", async () => {
  const { sessionOf, given } = fakeSessions();
  const model = makeModel(ort, { pooling: "first", pad: 0 }, sessionOf);
  const passage = model.begin(ROWS);
  assert.deepEqual(given, []);
  await model.advance(passage);
  assert.deepEqual(
    given.map(({ exit }) => exit),
    [0],
  );
});

test("an exit goes on from the state of the one before, and gives a row of logits for each text", async () => {
  const { sessionOf, given } = fakeSessions();
  const model = makeModel(ort, { pooling: "mean", pad: 0 }, sessionOf);
  const passage = model.begin(ROWS);
  const { lengths, share } = passage.feeds;
  assert.deepEqual((await model.advance(passage)).logits, [
    [1, 2],
    [3, 4],
  ]);
  assert.deepEqual((await model.advance(passage)).logits, [
    [5, 6],
    [7, 8],
  ]);
  assert.deepEqual(given[1].feeds, { lengths, share, state: "after 0" });
});

test("an exit's time adds up what was computed so far, without what lay between", async (context) => {
  const clock = [0, 5, 100, 107];
  context.mock.method(performance, "now", () => clock.shift());
  const { sessionOf } = fakeSessions();
  const model = makeModel(ort, { pooling: "first", pad: 0 }, sessionOf);
  const passage = model.begin(ROWS);
  assert.equal((await model.advance(passage)).milliseconds, 5);
  assert.equal((await model.advance(passage)).milliseconds, 12);
});
