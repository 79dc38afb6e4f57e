// The worker that computes a multi-exit model off the page's thread. It is asked by messages
// `{call, id, ...}` and answers `{id, result}` or `{id, error}`; while files arrive it tells
// `{progress: {loaded, total}}`.
import * as ort from "./vendor/ort.wasm.bundle.min.mjs";
import { fetchKept, fetchUnpacked } from "./files.js";
import { makeModel } from "./exit_session.js";
import { makeEncoder } from "./text_encoder.js";

const WASM = "ort-wasm-simd-threaded.wasm.gz";
const vendor = new URL("vendor/", import.meta.url);
const passages = new Map();
let nextPassage = 0;
let latest = 0; // counts the models that were asked for: the last one is meant
/** @type {{encode: Function, model: ReturnType<typeof makeModel>} | null} */
let opened = null;
let runtime = null; // the promise of the WASM file, loaded with the first model

const calls = {
  /** Opens the model whose files lie at `base`; later exits arrive while the first can be used. */
  async open({ base }) {
    const mine = ++latest;
    const manifest = await (await fetch(new URL("manifest.json", base))).json();
    const { tokenizer, parts } = manifest;
    const total = parts.reduce((sum, part) => sum + part.bytes, tokenizer.bytes);
    let loaded = 0;
    const file = async (entry) => {
      const content = await fetchKept(new URL(entry.name, base), entry.sha256, (bytes) => {
        loaded += bytes;
        postMessage({ progress: { loaded, total } });
      });
      return content;
    };
    runtime ??= prepareRuntime().catch(forget(() => (runtime = null)));
    const [description] = await Promise.all([file(tokenizer), runtime]);
    const sessions = [];
    const sessionOf = (exit) => {
      sessions[exit] ??= file(parts[exit])
        .then((graph) => ort.InferenceSession.create(graph))
        .catch(forget(() => delete sessions[exit]));
      return sessions[exit];
    };
    await sessionOf(0);
    if (mine !== latest) throw new Error("another model was chosen");
    passages.clear();
    const encode = makeEncoder(JSON.parse(new TextDecoder().decode(description)), manifest);
    opened = { encode, model: makeModel(ort, manifest, sessionOf) };
    warmUp(opened, manifest).catch(() => {}); // a failure shows again when a text is asked
    return { macs: manifest.macs, temperatures: manifest.temperatures, exits: parts.length };
  },

  /** Encodes texts (lists of one or two strings) and keeps them under a number, as one batch. */
  begin({ texts }) {
    const rows = texts.map((text) => opened.encode(text));
    const { model } = opened;
    passages.set(++nextPassage, { model, passage: model.begin(rows) });
    const about = rows.map(({ ids, truncated, unknown }) => ({
      tokens: ids.length,
      truncated,
      unknown,
    }));
    return { passage: nextPassage, rows: about };
  },

  /** Computes the next exit of a batch; nothing behind it. */
  advance({ passage: id }) {
    const { model, passage } = passages.get(id);
    return model.advance(passage);
  },

  /** Forgets a batch. */
  end({ passage }) {
    passages.delete(passage);
  },
};

/** Returns what a failed download does: it is forgotten, so that it is tried again, and told. */
const forget = (reset) => (error) => {
  reset();
  throw error;
};

/** Takes a short text through all exits: a session's first run is slower than those that follow. */
async function warmUp({ encode, model }, { columns, parts }) {
  const passage = model.begin([encode(columns.map(() => "a"))]);
  for (let exit = 0; exit < parts.length; exit++) await model.advance(passage);
}

async function prepareRuntime() {
  ort.env.wasm.numThreads = 1; // more need cross-origin isolation
  ort.env.wasm.wasmBinary = await fetchUnpacked(new URL(WASM, vendor));
}

addEventListener("message", async ({ data: { call, id, ...argument } }) => {
  try {
    postMessage({ id, result: await calls[call](argument) });
  } catch (error) {
    postMessage({ id, error: String(error?.message ?? error) });
  }
});
