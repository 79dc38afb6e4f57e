// A multi-exit model in the browser: one ONNX Runtime session for each exit, run one after another,
// so that what lies behind an exit is computed only when somebody asks for it.
/** @import { Encoded } from "./text_encoder.js" */

/**
 * @typedef {{logits: number[][], milliseconds: number}} ExitAnswer logits `(rows, outputs)`
 * @typedef {{feeds: Record<string, any>, exit: number, milliseconds: number}} Passage
 */

/**
 * Returns the model's functions over the opened sessions.
 * @param {any} ort onnxruntime-web
 * @param {{pooling: string, pad: number}} manifest
 * @param {(exit: number) => Promise<any>} sessionOf opens the session of an exit, once
 */
export function makeModel(ort, manifest, sessionOf) {
  /** @param {Encoded[]} rows @returns {Passage} */
  function begin(rows) {
    const tokens = Math.max(...rows.map((row) => row.ids.length));
    const ids = new BigInt64Array(rows.length * tokens).fill(BigInt(manifest.pad));
    const types = new BigInt64Array(rows.length * tokens);
    rows.forEach((row, at) => {
      row.ids.forEach((id, place) => (ids[at * tokens + place] = BigInt(id)));
      row.types.forEach((type, place) => (types[at * tokens + place] = BigInt(type)));
    });
    const lengths = Int32Array.from(rows, (row) => row.ids.length);
    const feeds = {
      ids: new ort.Tensor("int64", ids, [rows.length, tokens]),
      token_types: new ort.Tensor("int64", types, [rows.length, tokens]),
      lengths: new ort.Tensor("int32", lengths, [rows.length]),
    };
    if (manifest.pooling === "mean") feeds.share = meanShares(lengths, tokens);
    return { feeds, exit: -1, milliseconds: 0 };
  }

  /** @param {Int32Array} lengths @param {number} tokens */
  function meanShares(lengths, tokens) {
    const shares = new Float32Array(lengths.length * tokens);
    lengths.forEach((length, row) => {
      shares.fill(1 / length, row * tokens, row * tokens + length);
    });
    return new ort.Tensor("float32", shares, [lengths.length, 1, tokens]);
  }

  /**
   * Goes on to the next exit; the passage is changed.
   * @param {Passage} passage
   * @returns {Promise<ExitAnswer>}
   */
  async function advance(passage) {
    const session = await sessionOf(passage.exit + 1);
    const start = performance.now();
    const outputs = await session.run(passage.feeds);
    passage.milliseconds += performance.now() - start;
    passage.exit += 1;
    const [first, state] = session.outputNames;
    const { lengths, share } = passage.feeds;
    passage.feeds = { lengths };
    if (share) passage.feeds.share = share;
    if (state) passage.feeds.state = outputs[state];
    const { data, dims } = outputs[first];
    const logits = Array.from({ length: dims[0] }, (_, row) =>
      Array.from(data.subarray(row * dims[1], (row + 1) * dims[1])),
    );
    return { logits, milliseconds: passage.milliseconds };
  }

  return { begin, advance };
}
