// Text to word pieces, as effexplorer/inference/texts.py does it: what a person types is data, so
// that "[SEP]" in a text is no special token, and the longest of a pair is cut first.
import { Tokenizer } from "./vendor/tokenizers.min.mjs";

/**
 * @typedef {{ids: number[][], types: number[][], text_types: number[]}} Frame
 * @typedef {{ids: number[], types: number[], truncated: boolean, unknown: number}} Encoded
 */

/**
 * Returns a function that encodes one text or pair; it throws a sentence for a text without words.
 * @param {object} description the content of tokenizer.json
 * @param {{frame: Frame, max_length: number, unknown: number, columns: string[]}} manifest
 * @returns {(texts: string[]) => Encoded}
 */
export function makeEncoder(description, { frame, max_length, unknown, columns }) {
  const plain = { ...description, added_tokens: [], post_processor: null };
  const tokenizer = new Tokenizer(plain, {});
  const special = frame.ids.flat().length;
  return (texts) => {
    const pieces = texts.map((text) => tokenizer.encode(text.toWellFormed(), {}).ids);
    const empty = pieces.findIndex((ids) => !ids.length);
    if (empty >= 0) {
      throw new Error(`${columns[empty]}: must have a word; got nothing that the model can read.`);
    }
    const counts = pieces.map((ids) => ids.length);
    const kept = shares(counts, max_length - special);
    const ids = [...frame.ids[0]];
    const types = [...frame.types[0]];
    pieces.forEach((all, text) => {
      ids.push(...all.slice(0, kept[text]), ...frame.ids[text + 1]);
      types.push(...Array(kept[text]).fill(frame.text_types[text]), ...frame.types[text + 1]);
    });
    return {
      ids,
      types,
      truncated: kept.some((share, text) => share < counts[text]),
      unknown: ids.filter((id) => id === unknown).length,
    };
  };
}

/**
 * Returns how many word pieces each text keeps, the longest cut first.
 * @param {number[]} counts
 * @param {number} room
 * @returns {number[]}
 */
export function shares(counts, room) {
  if (counts.length === 1) return [Math.min(counts[0], room)];
  if (counts[0] + counts[1] <= room) return [...counts];
  const shorter = Math.min(...counts, Math.floor(room / 2));
  return counts[0] <= counts[1] ? [shorter, room - shorter] : [room - shorter, shorter];
}
