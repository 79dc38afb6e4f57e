// What the slider computes, as pure functions of the exit table. They do what effexplorer/exits
// does
// in Python; a test compares the two. Arrays are flat: entry (example, exit) is example * exits +
// exit.
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
const half = (bits) => {
  const sign = bits & 0x8000 ? -1 : 1,
    power = (bits >> 10) & 31,
    part = bits & 1023;
  if (power === 31) return part ? NaN : sign * Infinity;
  return sign * (power ? 2 ** (power - 15) * (1 + part / 1024) : 2 ** -24 * part);
};

// Returns the table that Python packed, with its arrays opened and macs for each example and exit.
function openTable(
  { examples, logits, temperatures, macs, cost, labels, tags, tag, threshold },
  { layers, labels: names, metric },
) {
  const exits = layers.length,
    rows = new Uint32Array(bytes(cost)),
    targets = new Float32Array(bytes(labels));
  return {
    examples,
    exits,
    layers,
    metric,
    tags,
    threshold,
    temperatures,
    outputs: names.length || 1,
    calibrated: temperatures.some((temperature) => temperature !== 1),
    logits: Float64Array.from(new Uint16Array(bytes(logits)), half),
    macs: Float64Array.from(
      { length: examples * exits },
      (_, at) => macs[rows[Math.floor(at / exits)]][at % exits],
    ),
    labels: targets,
    scale: [Math.floor(Math.min(...targets)), Math.ceil(Math.max(...targets))],
    tag: new Uint32Array(bytes(tag)),
  };
}

// Returns what each exit makes of the logits: probabilities, or the numbers of a regression.
function likelihoods({ examples, exits, outputs, logits, temperatures }, calibrated) {
  if (outputs === 1) return logits;
  const out = new Float64Array(logits.length);
  for (let at = 0; at < examples * exits; at++) {
    const scale = calibrated ? temperatures[at % exits] : 1,
      start = at * outputs;
    let top = -Infinity,
      sum = 0;
    for (let k = start; k < start + outputs; k++) top = Math.max(top, logits[k]);
    for (let k = start; k < start + outputs; k++)
      sum += out[k] = Math.exp((logits[k] - top) / scale);
    for (let k = start; k < start + outputs; k++) out[k] /= sum;
  }
  return out;
}
function answersOf({ examples, exits, outputs, logits }) {
  if (outputs === 1) return logits;
  return Float64Array.from({ length: examples * exits }, (_, at) => {
    let best = 0;
    for (let k = 1; k < outputs; k++)
      if (logits[at * outputs + k] > logits[at * outputs + best]) best = k;
    return best;
  });
}
const topOf = (likely, at, outputs) => {
  let top = 0;
  for (let k = at * outputs; k < (at + 1) * outputs; k++) top = Math.max(top, likely[k]);
  return top;
};

// Readiness: higher where an exit is surer. A row leaves at the first exit whose readiness reaches
// the threshold.
const READINESS = {
  confidence: ({ outputs }, likely, answers, at) => topOf(likely, at, outputs),
  entropy: ({ outputs }, likely, answers, at) => {
    let sum = 0;
    for (let k = at * outputs; k < (at + 1) * outputs; k++)
      sum -= likely[k] * Math.log(Math.max(likely[k], Number.MIN_VALUE));
    return 1 - sum / Math.log(outputs);
  },
  patience: ({ exits }, likely, answers, at) => {
    let count = 0;
    for (let place = at; place % exits && answers[place] === answers[place - 1]; place--) count++;
    return count;
  },
  agreement: ({ exits }, likely, answers, at) =>
    at % exits ? -Math.abs(answers[at] - answers[at - 1]) : -Infinity,
};
function readinessOf(table, policy, likely, answers) {
  return Float64Array.from({ length: table.examples * table.exits }, (_, at) =>
    READINESS[policy](table, likely, answers, at),
  );
}
function leave(readiness, examples, exits, threshold) {
  const left = new Uint16Array(examples);
  for (let row = 0; row < examples; row++) {
    let exit = 0;
    while (exit < exits - 1 && !(readiness[row * exits + exit] >= threshold)) exit++;
    left[row] = exit;
  }
  return left;
}
const taken = (values, left, exits) =>
  Float64Array.from(left, (exit, row) => values[row * exits + exit]);
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

// The scores, in percent; 0 where GLUE's functions give 0 as well.
function ranks(values) {
  const order = Array.from(values.keys()).sort((a, b) => values[a] - values[b]);
  const out = new Float64Array(values.length);
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let k = from; k < to; k++) out[order[k]] = (from + to - 1) / 2;
  }
  return out;
}
function correlation(first, other) {
  const [a, b] = [mean(first), mean(other)];
  let both = 0,
    left = 0,
    right = 0;
  for (let k = 0; k < first.length; k++) {
    both += (first[k] - a) * (other[k] - b);
    left += (first[k] - a) ** 2;
    right += (other[k] - b) ** 2;
  }
  return left && right ? both / Math.sqrt(left * right) : 0;
}
// Matthews' correlation for any number of classes (Gorodkin 2004); for two it is the linear one.
function matthews(answers, labels) {
  const given = new Map(),
    wanted = new Map(),
    total = answers.length;
  answers.forEach((answer, row) => {
    given.set(answer, (given.get(answer) || 0) + 1);
    wanted.set(labels[row], (wanted.get(labels[row]) || 0) + 1);
  });
  const sum = (values) => values.reduce((all, value) => all + value, 0),
    squares = (counts) => sum([...counts.values()].map((count) => count * count));
  const chance = sum([...given].map(([name, count]) => count * (wanted.get(name) || 0)));
  const spread = (total ** 2 - squares(given)) * (total ** 2 - squares(wanted));
  return spread
    ? (countOf(answers, labels, (answer, label) => answer === label) * total - chance) /
        Math.sqrt(spread)
    : 0;
}
const countOf = (answers, labels, truth) =>
  answers.reduce((sum, answer, row) => sum + truth(answer, labels[row]), 0);
const SCORES = {
  accuracy: (answers, labels) =>
    countOf(answers, labels, (answer, label) => answer === label) / answers.length,
  f1: (answers, labels) => {
    // of class 1, as GLUE has it: every task that is scored by it has two classes
    const hits = countOf(answers, labels, (answer, label) => answer === 1 && label === 1);
    return hits
      ? (2 * hits) /
          countOf(answers, labels, (answer, label) => Number(answer === 1) + Number(label === 1))
      : 0;
  },
  matthews_correlation: matthews,
  pearson: correlation,
  spearmanr: (answers, labels) => correlation(ranks(answers), ranks(labels)),
};
const scoreOf = (metric, answers, labels) => 100 * SCORES[metric](answers, labels);

// One policy over the whole table: its curve, and the threshold that keeps a share of the full
// score.
function prepareTable(table, policy, calibrated) {
  const likely = likelihoods(table, calibrated),
    answers = answersOf(table);
  const ready = {
    table,
    policy,
    likely,
    answers,
    readiness: readinessOf(table, policy, likely, answers),
  };
  ready.full = point(ready, Infinity);
  ready.curve = [
    ...candidates(ready.readiness, table.exits).map((threshold) => point(ready, threshold)),
    ready.full,
  ];
  return ready;
}
function point({ table, answers, readiness }, threshold) {
  const left = leave(readiness, table.examples, table.exits, threshold);
  const given = taken(answers, left, table.exits);
  return {
    threshold,
    left,
    score: scoreOf(table.metric, given, table.labels),
    macs: mean(taken(table.macs, left, table.exits)),
    layers: mean(Float64Array.from(left, (exit) => table.layers[exit])),
  };
}
function candidates(readiness, exits, points = 200) {
  const sorted = readiness
    .filter((value, at) => at % exits < exits - 1 && Number.isFinite(value))
    .sort();
  if (!sorted.length) return [];
  const thresholds = Array.from({ length: points }, (_, k) => {
    const place = (k / (points - 1)) * (sorted.length - 1),
      low = Math.floor(place);
    return sorted[low] + (place - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
  });
  return [...new Set(thresholds)];
}
function cheapest({ curve, full }, keep) {
  const wanted = full.score - (1 - keep) * Math.abs(full.score);
  let best = full;
  for (const point of curve.slice(0, -1).reverse())
    if (point.macs < best.macs && point.score >= wanted - 1e-9) best = point;
  return best;
}

const sharesOf = (left, exits) => {
  const shares = new Float64Array(exits);
  for (const exit of left) shares[exit] += 1 / left.length;
  return shares;
};
function depthByTag({ tags, tag, layers }, left) {
  const sums = tags.map(() => [0, 0]);
  left.forEach((exit, row) => {
    sums[tag[row]][0] += layers[exit];
    sums[tag[row]][1]++;
  });
  return tags
    .map((name, index) => ({ name, depth: sums[index][0] / sums[index][1], count: sums[index][1] }))
    .sort((tag, other) => tag.depth - other.depth);
}
function reliability({ table, likely, answers }, exit, bins = 10) {
  const { examples, exits, outputs, labels } = table;
  const bars = Array.from({ length: bins }, () => ({ count: 0, sure: 0, right: 0 }));
  for (let row = 0; row < examples; row++) {
    const at = row * exits + exit,
      sure = topOf(likely, at, outputs),
      bin = bars[Math.min(Math.floor(sure * bins), bins - 1)];
    bin.count++;
    bin.sure += sure;
    bin.right += Number(answers[at] === labels[row]);
  }
  const gap = bars.reduce((sum, bar) => sum + Math.abs(bar.right - bar.sure), 0) / examples;
  return {
    gap,
    bins: bars
      .filter((bar) => bar.count)
      .map(({ count, sure, right }) => ({ count, sure: sure / count, right: right / count })),
  };
}
function changedByLeaving({ table, answers }, left) {
  let lost = 0,
    gained = 0;
  left.forEach((exit, row) => {
    const early = answers[row * table.exits + exit] === table.labels[row];
    const late = answers[(row + 1) * table.exits - 1] === table.labels[row];
    gained += Number(early && !late);
    lost += Number(!early && late);
  });
  return { gained, lost };
}

// An exit's place in words; layer 0 is before any layer.
const layerName = (layer) => (layer ? `Layer ${layer}` : "No layer");
const leavesAfter = (layer) => (layer ? `after layer ${layer}` : "before any layer");

// A typed text as a table of one row. Its calibrated probabilities give the logits back, up to a
// constant.
function rowTable({ probabilities, answers, macs }, { layers, labels }, temperatures) {
  const outputs = labels.length || 1;
  const logits =
    outputs === 1
      ? Float64Array.from(answers)
      : Float64Array.from(
          probabilities.flatMap((exit, index) =>
            exit.map((share) => temperatures[index] * Math.log(Math.max(share, 1e-45))),
          ),
        );
  return { examples: 1, exits: answers.length, outputs, layers, logits, temperatures, macs };
}
