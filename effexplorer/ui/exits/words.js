// Why a text leaves where it does: each word is left out in turn, and what that does to an exit's
// confidence in its answer is the word's effect. Computed in this browser, when it is asked for.

/** Returns the words of the texts: `{text, start, end, word}`, `text` counting the texts of a pair. */
function wordsOf(texts) {
  return texts.flatMap((text, index) =>
    [...text.matchAll(/\S+/g)].map(({ 0: word, index: start }) => ({
      text: index,
      start,
      end: start + word.length,
      word,
    })),
  );
}

/** Returns the texts without one word; null where a text would be left without any. */
function without(texts, { text, start, end }) {
  const rest = texts.map((whole, index) =>
    index === text ? `${whole.slice(0, start)}${whole.slice(end)}` : whole,
  );
  return rest.every((each) => /\S/.test(each)) ? rest : null;
}

/**
 * Returns the effect of every word at every exit that the text has come to, as
 * `effects[exit][word]`: how much surer the exit is of its answer with the word than without it, in
 * points of probability, or, for a regression, how much higher its number is. NaN where a text
 * consists of the word alone.
 */
async function wordEffects(texts, words, row) {
  const variants = words.map((word) => without(texts, word));
  const asked = variants.filter(Boolean);
  const effects = row.answers.map(() => Array(words.length).fill(NaN));
  if (!asked.length) return effects;
  const { passage: id } = await browserEngine.begin(asked);
  for (const at of effects.keys()) {
    const { logits } = await browserEngine.advance(id);
    let next = 0;
    variants.forEach((variant, word) => {
      if (variant) effects[at][word] = effectOf(row, at, logits[next++]);
    });
  }
  await browserEngine.end(id);
  return effects;
}
function effectOf(row, at, logits) {
  const shares = softmax(logits, inBrowser.temperatures[at]);
  if (!shares.length) return row.answers[at] - logits[0];
  const answer = model.labels.indexOf(row.answers[at]);
  return row.probabilities[at][answer] - shares[answer];
}

const reasons = el("details", { class: "reasons", ontoggle: () => explain() });
let explained = ""; // the text and depth that the words are drawn for
let explainedExit = 0;
async function explain() {
  const row = rows[chosen];
  const way = row && !row.problem && passage(row, model, table, set);
  reasons.hidden = !way || row.where !== "browser";
  if (reasons.hidden || !reasons.open || way.waiting) return;
  const key = JSON.stringify([texts[chosen], way.exit, row.answers.length]);
  if (key === explained) return;
  explained = key;
  explainedExit = way.exit;
  if (!swapping) swapBox.replaceChildren();
  swapping = false;
  const given = [texts[chosen]].flat();
  const words = wordsOf(given);
  try {
    const effects = await wordEffects(given, words, row);
    if (key === explained) drawReasons(words, effects, way);
  } catch (error) {
    show(reasonBody, problem(error.message));
  }
}
const reasonBody = el("div", {});
const swapBox = el("div", { class: "swap" });
let swapping = false; // the text changes because of the swap box, which then stays
reasons.append(el("summary", {}, "Why does it leave here?"), reasonBody, swapBox);

function drawReasons(words, effects, way) {
  const strength = (effect) =>
    way.regression ? Math.min(Math.abs(effect) / 1.5, 1) : Math.min(Math.abs(effect) * 2, 1);
  const amount = (effect) =>
    Number.isNaN(effect)
      ? "it cannot be left out"
      : way.regression
        ? `${effect < 0 ? "−" : "+"}${Math.abs(effect).toFixed(2)}`
        : `${effect < 0 ? "−" : "+"}${(100 * Math.abs(effect)).toFixed(1)} points`;
  const at = Math.min(explainedExit, effects.length - 1);
  const choice = el(
    "select",
    {
      "aria-label": "Exit",
      onchange: () => {
        explainedExit = Number(choice.value);
        drawReasons(words, effects, way);
      },
    },
    effects.map((_, exit) =>
      el(
        "option",
        { value: exit, selected: exit === at },
        `the exit ${leavesAfter(way.layers[exit])}`,
      ),
    ),
  );
  const line = [];
  words.forEach((word, index) => {
    if (index && word.text !== words[index - 1].text)
      line.push(el("span", { class: "between" }, "/"));
    const effect = effects[at][index];
    const kind = effect < 0 ? "against" : "for";
    line.push(
      el(
        "button",
        {
          type: "button",
          class: `word ${kind}`,
          style: `--strength: ${Number.isNaN(effect) ? 0 : strength(effect)}`,
          title: amount(effect),
          "aria-label": `${word.word}: ${amount(effect)}. Change it`,
          onclick: () => offerSwap(word),
        },
        word.word,
      ),
    );
  });
  show(
    reasonBody,
    el("label", { class: "inline-field" }, el("span", {}, "What each word does at"), choice),
    el("p", { class: "words", dir: "auto" }, line),
    el(
      "p",
      { class: "quiet" },
      way.regression
        ? "Underlined: the word makes the number higher; dotted: lower."
        : `Underlined: with the word the exit is surer of “${way.name(at)}”; dotted: less sure. `,
      "Each word was left out in turn. Click one to change it and see the exits move.",
    ),
  );
}

/** Lets a word be replaced; the text changes in its box and is asked again. */
function offerSwap({ text, start, end, word }) {
  const input = el("input", {
    type: "text",
    value: word,
    "aria-label": `Instead of ${word}`,
    oninput: () => {
      clearTimeout(typing);
      typing = setTimeout(replace, 250);
    },
  });
  const box = boxes.querySelectorAll("textarea")[text];
  const lines = box.value.split("\n");
  const line = lines.map((each, index) => [each, index]).filter(([each]) => each.trim())[chosen][1];
  const before = lines[line].slice(0, start);
  const after = lines[line].slice(end);
  function replace() {
    swapping = true;
    box.value = [
      ...lines.slice(0, line),
      `${before}${input.value}${after}`,
      ...lines.slice(line + 1),
    ].join("\n");
    ask();
  }
  show(
    swapBox,
    el("label", { class: "inline-field" }, el("span", {}, `Instead of “${word}”`), input),
  );
  input.focus();
  input.select();
}
