// A typed text's way through the model: one row for each exit, the exit where it leaves, and what
// all that means in words.
const WORDS = {
  confidence: (threshold, { outputs }) =>
    threshold <= 1 / outputs
      ? "Leave at the first exit, however unsure it is."
      : `Leave as soon as an exit is ${places(100 * threshold, 4)} % sure.`,
  entropy: (threshold) =>
    threshold <= 0
      ? "Leave at the first exit, however unsure it is."
      : `Leave as soon as an exit's entropy is at most ${places(100 * (1 - threshold), 3)} % of the largest possible.`,
  patience: (threshold) =>
    threshold < 1
      ? "Leave at the first exit."
      : `Leave as soon as ${Math.ceil(threshold) + 1} exits in a row give the same answer.`,
  agreement: (threshold) =>
    `Leave as soon as an exit's answer differs from the one before by at most ${places(-threshold)}.`,
};
const meaning = (policy, threshold, shape) =>
  threshold === Infinity
    ? "Never leave early: every layer is computed."
    : WORDS[policy](threshold, shape);

// The least probability of the answer that is sure enough, for the marks on the bars of two
// classes.
function needed(policy, threshold) {
  if (threshold === Infinity) return 1;
  if (policy === "confidence") return threshold;
  if (policy !== "entropy") return null;
  let low = 0.5,
    high = 1;
  for (let round = 0; round < 30; round++) {
    const middle = (low + high) / 2,
      rest = 1 - middle;
    const certain =
      1 + (middle * Math.log(middle) + rest * Math.log(Math.max(rest, 1e-300))) / Math.LN2;
    if (certain >= threshold) high = middle;
    else low = middle;
  }
  return high;
}

const SCALE = [0, 5]; // the numbers of a regression without a table are taken for STS-B's
// What a row of the server says, seen through policy, threshold and calibration.
function passage(row, model, table, { policy, threshold, calibrated }) {
  const temperatures = table?.temperatures || model.layers.map(() => 1);
  const single = rowTable(row, model, temperatures);
  const likely = likelihoods(single, calibrated),
    answers = answersOf(single);
  const readiness = readinessOf(single, policy, likely, answers);
  const exit = leave(readiness, 1, single.exits, threshold)[0];
  const complete = single.exits === model.layers.length;
  const name = (at) =>
    single.outputs === 1 ? answers[at].toFixed(2) : model.labels[answers[at]].replaceAll("_", " ");
  const last = single.exits - 1,
    regression = single.outputs === 1;
  const differs = (at, other) =>
    regression ? Math.abs(answers[at] - answers[other]) >= 0.5 : answers[at] !== answers[other];
  return {
    exit,
    last, // of the exits that were computed
    complete,
    waiting: !complete && !(readiness[exit] >= threshold), // it does not leave at any of them
    answers,
    readiness,
    regression,
    name,
    differs,
    policy,
    layers: model.layers,
    row,
    scale: table?.scale || SCALE,
    probabilities: (at) => likely.slice(at * single.outputs, (at + 1) * single.outputs),
    sure: (at) => topOf(likely, at, single.outputs),
    saved: 1 - row.macs[exit] / row.macs.at(-1),
    changed: differs(exit, last),
    detours: [...answers.keys()].filter((at) => at > exit && at < last && differs(at, exit)),
  };
}

// What later exits would have said, in one sentence; ``meant`` is the answer of the example's
// writer, if known.
const ALL_THE_WAY = {
  patience: "It went all the way: too few exits in a row said the same before the last.",
  agreement: "It went all the way: no exit before the last came close enough to the one before it.",
};
function notComputed({ exit, last, layers, name, regression }, wanted) {
  const [first, end] = [layers[last + 1], layers.at(-1)];
  const which = first === end ? `Layer ${end} was` : `Layers ${first} to ${end} were`;
  const meant = wanted && (regression || name(exit) !== wanted) ? ` Meant is ${wanted}.` : "";
  return `${which} not computed.${meant}`;
}
function laterWords(way, meant) {
  const { exit, last, layers, name, changed, detours, regression } = way;
  const wanted = (meant || "").replaceAll("_", " "),
    aside = regression && wanted ? ` Meant is ${wanted}.` : "";
  const right = (at) => !regression && name(at) === wanted;
  if (!way.complete) return [notComputed(way, wanted), ""];
  const final = name(last),
    wrong = wanted && !regression && !right(last);
  if (exit === last)
    return [
      (ALL_THE_WAY[way.policy] || "It went all the way: no exit was sure enough before the last.") +
        (wrong ? ` Meant is ${wanted}.` : aside),
      "",
    ];
  if (changed && right(exit))
    return [
      `Right early, wrong late: meant is ${wanted}, and the last exit would say ${final}.`,
      "gained",
    ];
  if (changed && right(last))
    return [`Wrong early, right late: the last exit would say ${final}, as it is meant.`, "lost"];
  if (changed)
    return [`Leaving early changes the answer: the last exit would say ${final}.`, "changed"];
  const where = detours.map((at) => layers[at]);
  if (where.length)
    return [
      `In between, layer${where.length > 1 ? "s" : ""} ${where.join(", ")} would say ` +
        `${regression ? "otherwise" : [...new Set(detours.map(name))].join(" or ")}; the last ` +
        `exit is back at ${final}.${wrong ? ` Meant is ${wanted}.` : aside}`,
      "changed",
    ];
  if (wrong) return [`Meant is ${wanted}, but every later exit says ${final} too.`, "lost"];
  return [
    regression
      ? `Every later exit stays within 0.5 of it.${aside}`
      : `Every later exit says ${final} too.`,
    "same",
  ];
}
function spentWords({ exit, row, saved, layers, complete }) {
  const end = layers.length - 1;
  const [spent, whole] = [counted(row.macs[exit]), counted(row.macs[end])];
  const time = millis(row.milliseconds[exit]);
  if (exit === end) return `All ${layers[end]} layers: ${whole} MACs, ${time}.`;
  const skipped = layers[end] - layers[exit];
  const late = complete ? ` instead of ${millis(row.milliseconds[end])}` : "";
  return (
    `Saves ${skipped} layer${skipped > 1 ? "s" : ""} and ${percent(saved)} of the ` +
    `arithmetic: ${spent} instead of ${whole} MACs, ${time}${late}.`
  );
}

function likelyBar(way, at, labels) {
  if (way.regression) {
    const [low, high] = way.scale,
      place = Math.min(Math.max((way.answers[at] - low) / (high - low), 0), 1);
    return el(
      "span",
      { class: "likely scale", "aria-hidden": "true" },
      el("span", { class: "dot", style: `--place: ${place}` }),
    );
  }
  const shares = way.probabilities(at);
  if (labels.length !== 2) {
    const each = (make) => [...shares].map((share, index) => make(share, `class-${index}`));
    return el(
      "span",
      { class: "split", "aria-hidden": "true" },
      el(
        "span",
        { class: "likely stacked" },
        each((share, kind) =>
          el("span", { class: `part ${kind}`, style: `width: ${100 * share}%` }),
        ),
      ),
      el(
        "span",
        { class: "shares" },
        each((share, kind) => el("span", { class: `side ${kind}` }, percent(share))),
      ),
    );
  }
  const right = shares[1] > shares[0],
    length = 100 * (Math.max(...shares) - 0.5);
  return el(
    "span",
    { class: "likely tug", "aria-hidden": "true" },
    el("span", {
      class: `part class-${right ? 1 : 0}`,
      style: `${right ? "left" : "right"}: 50%; width: ${length}%`,
    }),
    ["low", "high"].map((side) => el("span", { class: `mark ${side}` })),
  );
}
function stateOf(way, at, policy) {
  if (at === way.exit) return ["leaves", "leaves here"];
  if (at > way.exit)
    return way.differs(at, way.exit) ? ["later turned", "disagrees"] : ["later", "agrees"];
  if (policy === "patience") return ["passed", `${way.readiness[at] + 1} in a row`];
  if (policy === "agreement")
    return ["passed", at ? `moves by ${places(-way.readiness[at], 2)}` : "goes on"];
  return ["passed", "goes on"];
}
const inWords = (way, at, labels) =>
  [...way.probabilities(at)]
    .map((share, index) => `${labels[index].replaceAll("_", " ")} ${percent(share, 1)}`)
    .join(", ");
const emptyRow = (way, layer, at) =>
  el(
    "tr",
    { class: "later absent" },
    el(
      "th",
      { scope: "row" },
      el("span", { class: "stop", "aria-hidden": "true" }),
      layerName(layer),
    ),
    el("td", { class: "wide" }),
    el("td", { class: "says" }),
    !way.regression && el("td", { class: "number" }),
    el("td", { class: "state" }, "not computed"),
    el("td", { class: "number cost" }, counted(way.row.macs[at])),
    el("td", { class: "number" }),
  );
// ``honesty`` says in a word whether what an exit is sure of was calibrated.
function wayTable(way, model, { policy }, honesty) {
  const scale = el(
    "span",
    { class: `sides ${way.regression ? "ends-of-scale" : ""}` },
    way.regression
      ? way.scale.map((end) => el("span", {}, String(end)))
      : model.labels.map((label, index) =>
          el("span", { class: `side class-${index}` }, label.replaceAll("_", " ")),
        ),
  );
  return el(
    "table",
    { class: "way" },
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        el("th", { scope: "col" }, "Exit"),
        el(
          "th",
          { scope: "col", class: "wide" },
          el(
            "span",
            { class: "offscreen" },
            way.regression ? "On the scale from" : "Probabilities of",
          ),
          scale,
        ),
        el("th", { scope: "col" }, "Says"),
        !way.regression &&
          el("th", { scope: "col", class: "number" }, "Sure", honesty && el("small", {}, honesty)),
        el("th", { scope: "col" }, el("span", { class: "offscreen" }, "What it does")),
        el("th", { scope: "col", class: "number cost" }, "MACs"),
        el("th", { scope: "col", class: "number" }, "Time"),
      ),
    ),
    el(
      "tbody",
      {},
      way.layers.map((layer, at) => {
        if (at > way.last) return emptyRow(way, layer, at);
        const [kind, words] = stateOf(way, at, policy);
        return el(
          "tr",
          { class: kind, "aria-current": at === way.exit ? "step" : null },
          el(
            "th",
            { scope: "row" },
            el("span", { class: "stop", "aria-hidden": "true" }),
            layerName(layer),
          ),
          el(
            "td",
            { class: "wide", title: way.regression ? null : inWords(way, at, model.labels) },
            likelyBar(way, at, model.labels),
            !way.regression && el("span", { class: "offscreen" }, inWords(way, at, model.labels)),
          ),
          el(
            "td",
            { class: `says ${way.regression ? "" : `class-${way.answers[at]}`}` },
            way.name(at),
          ),
          !way.regression && el("td", { class: "number" }, percent(way.sure(at), 1)),
          el("td", { class: "state" }, words),
          el("td", { class: "number cost" }, counted(way.row.macs[at])),
          el("td", { class: "number" }, millis(way.row.milliseconds[at])),
        );
      }),
    ),
  );
}

// Several texts: a line for each, its exits as a row of cells.
function lineList(ways, texts, chosen, choose, labels) {
  const longest = Math.max(4, ...labels.map((label) => label.length));
  return el(
    "ul",
    { class: "lines", "aria-label": "Texts", style: `--says: ${0.56 * longest + 1.2}em` },
    ways.map((way, index) => {
      const text = [texts[index]].flat().join(" / ");
      if (!way || way.problem)
        return el(
          "li",
          {},
          el(
            "span",
            { class: "line refused" },
            el("span", { class: "text", dir: "auto" }, text),
            el("span", { class: "problem" }, way ? way.problem : ""),
          ),
        );
      return el(
        "li",
        {},
        el(
          "button",
          {
            type: "button",
            class: "line",
            "aria-pressed": String(index === chosen),
            onclick: () => choose(index),
          },
          el("span", { class: "text", dir: "auto" }, text),
          el(
            "span",
            { class: "cells", "aria-hidden": "true" },
            way.layers.map((_, at) =>
              el("span", {
                class:
                  `cell ${at < way.exit ? "passed" : at === way.exit ? "leaves" : "later"} ` +
                  `${way.regression || at > way.last ? "" : `class-${way.answers[at]}`}`,
              }),
            ),
          ),
          el(
            "span",
            { class: `says ${way.regression ? "" : `class-${way.answers[way.exit]}`}` },
            way.name(way.exit),
          ),
          el(
            "small",
            {},
            layerName(way.layers[way.exit]).toLowerCase(),
            way.row.truncated && ", cut",
            way.changed && `, last: ${way.name(way.last)}`,
          ),
        ),
      );
    }),
  );
}
