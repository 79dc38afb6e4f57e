// The threshold: what the slider's places mean, the policies, and the share of the score to keep.
// The slider is finer where it matters: near certainty, or near no difference at all.
const widest = () =>
  ready ? Math.max(...ready.readiness.filter(Number.isFinite).map((value) => -value), 0.01) : 5;
const careful = () => (model.labels.length ? 1 / model.labels.length : 0);
const sliderMax = () => (set.policy === "patience" ? model.layers.length - 1 : STEPS);
function thresholdAt(place) {
  if (set.policy === "patience") return Math.round(place * sliderMax());
  if (place >= 1) return Infinity;
  const far = (1 - place) ** 2;
  const exact =
    set.policy === "confidence"
      ? 1 - (1 - careful()) * far
      : set.policy === "entropy"
        ? 1 - far
        : -widest() * far;
  return Math.round(exact * 1000) / 1000;
}
function placeOf(threshold) {
  if (set.policy === "patience") return Math.min(Math.ceil(threshold), sliderMax()) / sliderMax();
  if (threshold === Infinity) return 1;
  const far =
    set.policy === "confidence"
      ? (1 - threshold) / (1 - careful())
      : set.policy === "entropy"
        ? 1 - threshold
        : -threshold / widest();
  return 1 - Math.sqrt(Math.min(Math.max(far, 0), 1));
}
function drawPolicies() {
  show(
    policies,
    el("legend", {}, "Policy"),
    model.policies.map((name) =>
      el(
        "label",
        { title: POLICY_WORDS[name] },
        el("input", {
          type: "radio",
          name: "fx-policy",
          value: name,
          onchange: () => {
            set.policy = name;
            set.threshold = usual();
            prepare();
          },
        }),
        el("span", {}, POLICY_NAMES[name]),
      ),
    ),
  );
}
// Where the slider stands at first: the model's own threshold, or a usual one.
function usual() {
  if (set.policy === model.policies[0] && table?.threshold != null) return table.threshold;
  return {
    confidence: 0.9,
    entropy: 0.6,
    patience: Math.min(2, model.layers.length - 1),
    agreement: -0.25,
  }[set.policy];
}
function keepShare() {
  dialNote.textContent = "";
  if (keep.checkValidity()) {
    set.keep = keep.valueAsNumber / 100;
    redraw();
  } else
    dialNote.textContent =
      `The share to keep must be a number from ${keep.min} to ${keep.max}; got ` +
      `${keep.value || "none"}. ${places(100 * set.keep, 4)} % still counts.`;
}
function findCheapest() {
  const best = cheapest(ready, set.keep);
  moved(best.threshold);
  dialNote.textContent =
    best === ready.full
      ? `No threshold is cheaper than full depth and keeps ${places(100 * set.keep, 4)} % of its score.`
      : `Cheapest that keeps ${places(100 * set.keep, 4)} %: ${percent(best.macs / ready.full.macs)} of the compute.`;
}
