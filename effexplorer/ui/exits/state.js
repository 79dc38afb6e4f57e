// What the tab holds: the model that is open, the texts and their rows, the settings, and the
// elements
// that show them.
const STEPS = 1000;
const POLICY_NAMES = {
  confidence: "Confidence",
  entropy: "Entropy",
  patience: "Patience",
  agreement: "Agreement",
};
const POLICY_WORDS = {
  confidence: "Leaves when the likeliest answer's probability is high enough.",
  entropy: "Leaves when the probabilities are far enough from even (DeeBERT).",
  patience: "Leaves when enough exits in a row give the same answer (PABEE).",
  agreement: "Leaves when the number hardly moves from one exit to the next.",
};
const METRIC_NAMES = {
  f1: "F1",
  matthews_correlation: "Matthews correlation",
  pearson: "Pearson correlation",
  spearmanr: "Spearman correlation",
};
const MOST_HERE = 500; // lines that this browser is asked at once: some seconds
const MOST_LINKED = 4000; // characters: some browsers and mail programs cut a longer address
const asked = new URLSearchParams(window.location.search);
/** @type {ModelState} */
let model = null;
/** @type {ModelChoice[]} */
let offered = [];
let table = null,
  ready = null,
  chosen = 0,
  texts = [],
  rows = [],
  refused = "",
  mostLines = 50;
let asking = 0; // counts the answers, so that new ones are drawn
const set = { policy: "confidence", threshold: 0.9, calibrated: true, keep: 0.99 };
const prepared = new Map(); // per policy and calibration: the readiness and the curve

const models = el("select", { "aria-label": "Model", onchange: () => open(models.value) });
const boxes = el("div", { class: "boxes" });
const message = el("div", { class: "told", role: "status" });
const examples = el("div", { class: "examples" });
const policies = el("fieldset", { class: "segments" });
const words = el("p", { class: "meaning" });
const slider = el("input", {
  type: "range",
  min: 0,
  max: STEPS,
  step: 5,
  "aria-label": "Threshold",
  oninput: () => moved(thresholdAt(slider.valueAsNumber / slider.max)),
});
const calibrated = switchInput({
  checked: true,
  onchange: () => {
    set.calibrated = calibrated.checked;
    prepare();
  },
});
const place = el("div", { class: "engine" });
const compare = switchInput({
  "aria-label": "Compute the later layers too, to compare",
  onchange: () => {
    drawnTexts = "";
    followTexts();
  },
});
const keep = el("input", {
  type: "number",
  min: 50,
  max: 100,
  step: "any",
  required: true,
  value: 99,
  "aria-label": "Share of the full-depth score to keep, in percent",
  onchange: keepShare,
});
const spoken = el("p", { class: "offscreen", role: "status", "aria-live": "polite" });
const dialNote = el("p", { class: "found", role: "status" });
const outcome = el("div", { class: "outcome" }),
  way = el("div", {
    class: "scroll",
    tabindex: "0",
    role: "region",
    "aria-label": "What each exit says",
  }),
  lines = el("div");
const tiles = el("dl", { class: "tiles" }),
  swaps = el("p", { class: "swaps" });
const chart = curveChart((threshold) => moved(threshold)),
  leaving = barList("Where they leave"),
  depths = barList("Mean layer, by difficulty"),
  squares = reliabilityCharts();
const figures = el("div", { class: "half figures" });
const honest = el(
  "section",
  { class: "card honesty", "aria-labelledby": "fx-exits-honest" },
  el("h2", { id: "fx-exits-honest" }, "How honest each exit is"),
  el("p", { class: "quiet" }),
  squares.node,
);

const note = (text) => el("p", { class: "quiet" }, text);
