import assert from "node:assert/strict";
import { test } from "node:test";
import { makeEncoder, shares } from "../../effexplorer/web/text_encoder.js";

for (const [counts, room, kept] of [
  [[5], 10, [5]],
  [[15], 10, [10]],
  [[4, 6], 10, [4, 6]],
  [[3, 20], 10, [3, 7]],
  [[20, 3], 10, [7, 3]],
  [[20, 20], 10, [5, 5]],
  [[20, 30], 11, [5, 6]],
  [[30, 20], 11, [6, 5]],
])
  test(`${counts} word pieces in the room of ${room} keep ${kept}`, () => {
    assert.deepEqual(shares(counts, room), kept);
  });

const WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "film", "[", "]", "sep"];
const DESCRIPTION = {
  version: "1.0",
  added_tokens: [{ id: 3, content: "[SEP]", special: true }],
  normalizer: { type: "BertNormalizer", lowercase: true },
  pre_tokenizer: { type: "BertPreTokenizer" },
  post_processor: null,
  decoder: { type: "WordPiece", prefix: "##" },
  model: {
    type: "WordPiece",
    unk_token: "[UNK]",
    continuing_subword_prefix: "##",
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(WORDS.map((word, id) => [word, id])),
  },
};
const PAIR = {
  frame: { ids: [[2], [3], [3]], types: [[0], [0], [1]], text_types: [0, 1] },
  max_length: 7,
  unknown: 1,
  columns: ["premise", "hypothesis"],
};
const SINGLE = {
  frame: { ids: [[2], [3]], types: [[0], [0]], text_types: [0] },
  max_length: 7,
  unknown: 1,
  columns: ["sentence"],
};

test("a pair is framed by the special tokens, each text with its type", () => {
  assert.deepEqual(makeEncoder(DESCRIPTION, PAIR)(["Good film", "zzz"]), {
    ids: [2, 4, 5, 3, 1, 3],
    types: [0, 0, 0, 0, 1, 1],
    truncated: false,
    unknown: 1,
  });
});

test("a pair that is too long loses the end of its longer text", () => {
  const encoded = makeEncoder(DESCRIPTION, PAIR)(["good film good film good", "film"]);
  assert.deepEqual(encoded.ids, [2, 4, 5, 4, 3, 5, 3]);
  assert.equal(encoded.truncated, true);
});

test("the name of a special token in a text is no special token", () => {
  assert.deepEqual(makeEncoder(DESCRIPTION, SINGLE)(["[SEP]"]).ids, [2, 6, 8, 7, 3]);
});

test("a text without words is refused by the name of its column", () => {
  assert.throws(() => makeEncoder(DESCRIPTION, PAIR)(["good", " "]), {
    message: "hypothesis: must have a word; got nothing that the model can read.",
  });
});
