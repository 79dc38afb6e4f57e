// The model in this browser: messages to the worker that computes it (web/exit_worker.js).

/**
 * @typedef {{tokens: number, truncated: boolean, unknown: number}} TextFacts
 * @param {string} workerUrl
 * @param {(share: {loaded: number, total: number}) => void} onProgress
 */
function makeBrowserEngine(workerUrl, onProgress) {
  const worker = new Worker(workerUrl, { type: "module" });
  const waiting = new Map();
  let last = 0;
  worker.onmessage = ({ data: { id, result, error, progress } }) => {
    if (progress) return onProgress(progress);
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error) reject(new Error(error));
    else resolve(result);
  };
  worker.onerror = (event) => {
    for (const { reject } of waiting.values())
      reject(new Error(event.message || "it cannot start"));
    waiting.clear();
  };
  const call = (name, argument) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      worker.postMessage({ call: name, id: last, ...argument });
    });
  return {
    open: (base) => call("open", { base }),
    begin: (texts) => call("begin", { texts }),
    advance: (passage) => call("advance", { passage }),
    end: (passage) => call("end", { passage }),
  };
}

/**
 * Returns the probabilities of logits at a temperature; none for a regression's one output.
 * @param {number[]} logits
 * @param {number} temperature
 */
function softmax(logits, temperature) {
  if (logits.length === 1) return [];
  const top = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp((logit - top) / temperature));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/**
 * Adds the next exit's answer to a text's row.
 * @param {object} row with `answers`, `probabilities` and `milliseconds` of the exits so far
 * @param {{logits: number[], milliseconds: number}} answer
 * @param {{temperatures: number[], labels: string[]}} model
 */
function addExit(row, { logits, milliseconds }, { temperatures, labels }) {
  const shares = softmax(logits, temperatures[row.answers.length]);
  row.probabilities.push(shares);
  row.answers.push(shares.length ? labels[shares.indexOf(Math.max(...shares))] : logits[0]);
  row.milliseconds.push(milliseconds);
}
