// What the server says of the pipeline: problems, cost, prediction, and whether it can be run.
const TREND = "M2 3.5l5 5 2.5-2.5L14 11M10.5 11H14V7.5";

function drawVerdict() {
  const reach = [unreachable.models[plan.model], unreachable.tasks[plan.task]].filter(Boolean);
  const onCards = verdict.cards.filter(Boolean);
  const problems = [...onCards, ...verdict.problems, ...(verdict.exists ? [] : reach)];
  steps.forEach((step, index) => {
    const card = cardOf(step),
      illegal = verdict.cards[index];
    card.classList.toggle("illegal", Boolean(illegal));
    const caution = illegal ? null : verdict.cautions[index];
    show(card.querySelector(".problem"), illegal && [icon(ICONS.warn), el("span", {}, illegal)]);
    show(card.querySelector(".caution"), caution && [icon(ICONS.info), el("span", {}, caution)]);
  });
  typed.textContent = verdict.text || (steps.length ? "" : "(none: the dense model alone)");
  typed.classList.toggle("quiet", !verdict.text);
  const lines = problems.map(problem);
  if (!lines.length)
    lines.push(
      el(
        "p",
        { class: "fine" },
        icon(ICONS.check),
        el("span", {}, verdict.exists ? "This run exists: load it." : "Ready to run here."),
      ),
    );
  if (verdict.note)
    lines.push(el("p", { class: "cost note" }, icon(ICONS.info), el("span", {}, verdict.note)));
  for (const text of (!verdict.exists && dataCautions.get(plan.task)) || [])
    lines.push(el("p", { class: "cost data-caution" }, icon(ICONS.info), el("span", {}, text)));
  if (verdict.cost && !verdict.exists)
    lines.push(
      el(
        "p",
        { class: "cost" },
        icon(ICONS.clock),
        el("span", {}, el("strong", {}, verdict.cost), " ", el("small", {}, verdict.basis)),
      ),
    );
  if (verdict.prediction) lines.push(predictionLine(verdict.prediction));
  show(verdictBox, lines);
  for (const chip of presetBox.querySelectorAll(".chip"))
    chip.setAttribute(
      "aria-pressed",
      String(chip.dataset.text === verdict.text && !onCards.length),
    );
  runButton.disabled = !verdict.key || problems.length > 0;
  show(runButton, icon(verdict.exists ? ICONS.check : ICONS.play), verdict.exists ? "Load" : "Run");
}
/** @param {PredictionText} prediction */
const predictionLine = ({ text, basis }) =>
  el(
    "p",
    { class: "cost prediction", title: text && `Predicted ${basis}.` },
    icon(TREND),
    text
      ? el(
          "span",
          {},
          "Predicted: ",
          el("strong", {}, text),
          el("span", { class: "offscreen" }, ` ${basis}`),
        )
      : el("small", {}, basis),
  );
