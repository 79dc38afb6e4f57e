// Words of the field, explained where they stand, and the papers that a text names, linked.
const MEANINGS = {
  MACs:
    "Multiply-accumulate operations: the multiplications that a model makes for one " +
    "sentence. They do not depend on the machine.",
  ideal:
    "Ideal size: what the weights would take if zeros cost nothing and every number only " +
    "its bits; the file on disk takes more.",
  p95: "95 of 100 sentences, one at a time, took no longer than this; the number above is the median.",
  Calibrated:
    "An exit's confidence is divided by a temperature, chosen on held-out training rows, " +
    "so that of the answers at 80 % about 80 in 100 are right (Guo et al. 2017, arXiv " +
    "1706.04599).",
  Size: "The bytes of the weight file, as it is saved: pruned and quantized weights packed.",
  Parameters: "All weights of the model, those that pruning set to 0 included.",
  Latency:
    "Milliseconds for one sentence, the median of many, one at a time: on the machine " +
    "and with the engine that the run's page names. Compare within one machine.",
  "Operating point":
    "The cheapest threshold that keeps 99 % of the full-depth score on rows held out of " +
    "training. What it reaches is measured on the validation split.",
};
let termCount = 0;

/**
 * Returns ``word`` as a button that unfolds what it means; Escape or a click elsewhere closes it.
 * @param {string} meaning a key of MEANINGS
 */
function term(word, meaning = word) {
  const id = `${element.id || "fx"}-term-${++termCount}`;
  const note = el("span", { popover: "auto", id, class: "definition" }, cited(MEANINGS[meaning]));
  const button = el(
    "button",
    { type: "button", class: "term", popovertarget: id, title: `What it means: ${meaning}` },
    word,
  );
  note.addEventListener("beforetoggle", () => {
    const { left, bottom } = button.getBoundingClientRect();
    note.style.left = `${Math.max(8, Math.min(left, innerWidth - 340))}px`;
    note.style.top = `${Math.min(bottom + 6, innerHeight - 150)}px`;
  });
  return [button, note];
}

/** Returns a text in which every word of MEANINGS is a term. */
const withTerms = (text) =>
  text
    .split(new RegExp(`\\b(${Object.keys(MEANINGS).join("|")})\\b`))
    .flatMap((part) => (part in MEANINGS ? term(part) : part));

/** Returns a text in which every arXiv number leads to its paper. */
const cited = (text) =>
  text.split(/(arXiv \d{4}\.\d{4,5})/).map((part, at) =>
    at % 2
      ? el(
          "a",
          {
            href: `https://arxiv.org/abs/${part.slice(6)}`,
            target: "_blank",
            rel: "noopener noreferrer",
          },
          part,
        )
      : part,
  );
