// The verdicts' cards: what was measured here beside what papers claim.
const UNSURE = "M5.8 6a2.3 2.3 0 113.4 2c-.8.5-1.2.9-1.2 1.9M8 12.3v.1";
const ANSWERS = {
  yes: ["Yes", ICONS.check],
  no: ["No", ICONS.close],
  "cannot tell": ["Cannot tell", UNSURE],
};

const sign = (answer) =>
  el(
    "span",
    { class: `answer ${answer.replace(" ", "-")}` },
    icon(ANSWERS[answer][1]),
    ANSWERS[answer][0],
  );
const details = (title, ...content) =>
  el("details", {}, el("summary", {}, title, icon(ICONS.down)), content);
const needed = ([answer, text]) =>
  el("p", {}, el("strong", {}, `${ANSWERS[answer][0]} needs `), text, ".");
/** @param {VerdictCard} verdict */
function card({ title, answer, sentence, needs, more, claim, source }) {
  return el(
    "section",
    { class: "verdict-card" },
    el("header", {}, el("h3", {}, title), sign(answer)),
    el(
      "dl",
      {},
      el("dt", {}, "Measured here"),
      el(
        "dd",
        {},
        sentence,
        needs.length > 0 && el("div", { class: "needs" }, needs.map(needed)),
        more.length > 0 &&
          details(
            plural(more.length, "more comparison"),
            more.map((other) => el("p", {}, sign(other.answer), " ", other.sentence)),
          ),
      ),
      el("dt", {}, "Claimed"),
      el("dd", { class: "claim" }, claim, " ", el("cite", {}, cited(source))),
    ),
  );
}
