// Files that never change under their name: fetched once, then kept by the browser's Cache API.
const STORE = "effexplorer-models";

/**
 * Returns the bytes at `url`; `sha256` names their content, so that a changed file is fetched anew.
 * @param {URL} url
 * @param {string} sha256
 * @param {(bytes: number) => void} progress is told of every piece that arrives
 * @returns {Promise<Uint8Array>}
 */
export async function fetchKept(url, sha256, progress) {
  const key = new URL(url);
  key.search = sha256;
  const store = await openStore();
  const kept = await store?.match(key);
  const response = kept ?? (await fetchWhole(key));
  const content = await readBytes(response, progress);
  // Where it is full, the file is fetched next time.
  if (!kept) await store?.put(key, new Response(content)).catch(() => {});
  return content;
}

/**
 * Returns the bytes of a file that was compressed with gzip, also where the file server has told
 * the browser to unpack it already.
 * @param {URL} url
 * @returns {Promise<Uint8Array>}
 */
export async function fetchUnpacked(url) {
  const store = await openStore();
  let response = await store?.match(url);
  if (!response) {
    response = await fetchWhole(url);
    await store?.put(url, response.clone()).catch(() => {});
  }
  const content = new Uint8Array(await response.arrayBuffer());
  if (content[0] !== 0x1f || content[1] !== 0x8b) return content;
  const stream = new Blob([content]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Returns null where pages may keep nothing: without https, or in a private window. */
async function openStore() {
  try {
    return await caches.open(STORE);
  } catch {
    return null;
  }
}

/** @param {URL} url */
async function fetchWhole(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The server answers ${response.status} for ${url.pathname}.`);
  return response;
}

/**
 * @param {Response} response
 * @param {(bytes: number) => void} progress
 */
async function readBytes(response, progress) {
  const pieces = [];
  let length = 0;
  for (const reader = response.body.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    length += value.length;
    progress(value.length);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
