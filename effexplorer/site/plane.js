// The plane of a static site: what the app's server answers to a change of its filters, computed
// here from the set of runs that the filters name.

/**
 * @typedef {Record<string, any>} View the plane's filters, as ui/explore/view.py has them
 */

const LABEL = { size: 12, small: 8, faint: 0.6 }; // as figures/traces.py draws points

/**
 * Returns what the plane's panel shows of a view, or the sentence of what is wrong with it, as the
 * app's server does.
 * @param {View} view as a link or the filters have it
 * @param {object} index the site's contents
 * @param {(path: string) => Promise<any>} load gives the content of a file of the site
 */
export async function answerView(view, index, load) {
  const next = await focused(view, index, (task, at) => load(`planes/${task}-${at}`));
  const at = index.tasks[next.task].indexOf(next.data);
  const set = await load(`planes/${next.task}-${at}`);
  const error = problemOf(view, set);
  if (error) return { error };
  const figure = await load(`planes/${next.task}-${at}-${next.cost}${next.seeds ? "-seeds" : ""}`);
  const path = next.selected ? (await load(`runs/${next.selected}`)).path : null;
  return planeState(next, set, figure, path);
}

/** Returns in a sentence what a view asks for that is no choice, or "". */
function problemOf(view, { options, costs, questions, counts }) {
  const letters = options.operators.map(([letter]) => letter);
  if (view.operators.some((letter) => !letters.includes(letter)))
    return `operators: must be of ${letters.join(", ")}; got ${JSON.stringify(view.operators)}.`;
  const names = (choices) => choices.map(([name]) => name);
  const allowed = {
    match: names(options.matches),
    cost: Object.keys(costs),
    question: names(questions),
    counted: names(counts),
  };
  const wrong = Object.keys(allowed).find((name) => !allowed[name].includes(view[name]));
  return wrong ? `${wrong}: must be one of ${allowed[wrong].join(", ")}; got ${view[wrong]}.` : "";
}

/** Returns what an object has of its own under a name: a link may ask for any. */
const own = (object, name) => (Object.hasOwn(object, name) ? object[name] : undefined);

/**
 * Returns `view` with a task and a training set that have runs, and with filters that do not hide
 * the run that is opened just now.
 */
async function focused(view, index, setOf) {
  const place = own(index.runs, view.selected);
  let next = { ...view };
  let kept = false;
  if (place) {
    const [task, at] = place;
    const { rows } = await setOf(task, at);
    const data = index.tasks[task][at];
    const same = view.task === task && ["", data].includes(view.data);
    kept = same && rows.some((row) => row.id === view.selected && passes(view, row));
    if (!kept && view.opening)
      return { ...next, task, data, model: "", operators: [], match: "all" };
  }
  if (!own(index.tasks, next.task)) next.task = index.task;
  const sets = index.tasks[next.task];
  if (!sets.includes(next.data)) {
    const older = sets.find((data) => next.data && data.startsWith(next.data));
    next.data = older ?? sets[0];
  }
  const { task_models: models } = await setOf(next.task, sets.indexOf(next.data));
  if (!models.includes(next.model)) next.model = "";
  if (!kept) next = { ...next, selected: "" };
  return next;
}

/** Tells whether a run of the view's task and training set passes the other filters. */
function passes(view, { model, used }) {
  const wanted = view.operators;
  const fits =
    view.match === "only"
      ? used.every((letter) => wanted.includes(letter))
      : wanted.every((letter) => used.includes(letter));
  return fits && ["", model].includes(view.model);
}

/**
 * Returns what the plane's panel shows, as `plane_state` of the app does.
 * @param {View} view focused
 * @param {object} set of `set_data`
 * @param {object} figure of `figure_data`
 * @param {object | null} path of `path_data`, of the selected run
 */
function planeState(view, set, figure, path) {
  const rows = set.rows.filter((row) => passes(view, row));
  const ids = new Set(rows.map((row) => row.id));
  const shown = figure.points.filter((point) => point.ids.some((id) => ids.has(id)));
  const points = placed(shown, rows, view.cost);
  const silent = view.published && set.unpublished[view.cost];
  return {
    view,
    options: set.options,
    published: set.published[view.cost],
    asked: answer(view, set, rows),
    figure: draw(view, set, figure, points, ids.has(view.selected) ? path?.[view.cost] : null),
    legend: legend(set, rows),
    rows,
    cost: set.costs[view.cost],
    total: set.total,
    notices: silent || set.notices,
  };
}

/** Returns the points, those that were timed elsewhere than most told so. */
function placed(points, rows, cost) {
  if (cost !== "latency") return points;
  const usual = usualPlace(rows);
  return points.map((point) => {
    if (point.place === usual) return point;
    const lines = point.hover.split("<br>");
    const hover = [...lines.slice(0, -1), point.place_line, lines.at(-1)].join("<br>");
    return { ...point, elsewhere: true, hover };
  });
}
function usualPlace(rows) {
  const counts = new Map();
  for (const { place } of rows) counts.set(place, (counts.get(place) ?? 0) + 1);
  const better = (first, other) =>
    first[1] !== other[1] ? first[1] > other[1] : byName(first[0], other[0]) > 0;
  return [...counts].reduce((best, next) => (better(next, best) ? next : best), ["", 0])[0];
}
const byName = (first, other) => (first < other ? -1 : Number(first > other));

// ---- the figure
function draw(view, set, { layouts, published }, points, path) {
  const others = view.published ? published : [];
  const scores = [
    ...(path?.scores ?? []),
    ...points.flatMap(({ low, high }) => [low, high]),
    ...others.flatMap(({ y }) => y),
  ];
  const costs = [
    ...(path?.costs ?? []),
    ...points.map(({ cost }) => cost),
    ...others.flatMap(({ x }) => x),
  ];
  const span = costSpan(costs, view.log);
  const scoreRange = scoreSpan(scores);
  const layout = structuredClone(layouts[view.log ? "log" : "linear"]);
  layout.xaxis.range = span;
  layout.yaxis.range = scoreRange;
  if (view.log) Object.assign(layout.xaxis, logTicks(span));
  layout.uirevision = `${view.cost} ${view.log} ${others.length > 0} ${view.data}`;
  return {
    data: [
      ...frontTraces(points, span[1], scoreRange[0], view.log),
      ...others,
      ...pointTraces(points, view.selected, set),
      ...(path?.traces ?? []),
    ],
    layout,
  };
}

/** Returns the points that no other beats, cheapest first; none that was timed elsewhere. */
function front(points) {
  const order = points
    .filter((point) => !point.elsewhere)
    .sort((point, other) => point.cost - other.cost || other.score - point.score);
  const kept = [];
  for (const point of order) {
    const last = kept.at(-1);
    const equal = last && point.cost === last.cost && point.score === last.score;
    if (!last || point.score > last.score || equal) kept.push(point);
  }
  return kept;
}

function frontTraces(points, right, low, log) {
  const kept = front(points);
  if (!kept.length) return [];
  const end = log ? 10 ** right : right;
  return [
    {
      type: "scatter",
      x: [kept[0].cost, ...kept.map(({ cost }) => cost), end],
      y: [low, ...kept.map(({ score }) => score), kept.at(-1).score],
      mode: "lines",
      name: "Pareto front",
      line: { shape: "hv", width: 1.5, color: "#2f4fd0" },
      fill: "tozeroy",
      fillcolor: "rgba(47, 79, 208, 0.05)",
      hoverinfo: "skip",
      meta: { role: "front" },
    },
  ];
}

/** Returns a trace per set of operators and source; of many points what stands out is named. */
function pointTraces(points, selected, { few, crowd }) {
  const outstanding = new Set(front(points).map(({ id }) => id));
  for (const { id, ids } of points) if (ids.includes(selected)) outstanding.add(id);
  const named = ({ id }) => points.length <= few || outstanding.has(id);
  const plain = ({ id }) => points.length <= crowd || outstanding.has(id);
  const groups = Map.groupBy(points, (point) => `${point.set}\n${Number(point.here)}`);
  const names = [...groups.keys()].sort((group, other) => {
    const [[a, aHere], [b, bHere]] = [group, other].map((key) => key.split("\n"));
    return byName(a, b) || byName(aHere, bHere);
  });
  return names.map((name) => {
    const members = groups.get(name);
    const [{ set, here, mark, color }] = members;
    const labels = members.map((point) => (named(point) ? point.letters : ""));
    const reach = (far) => members.map((point) => (plain(point) ? far(point) : 0));
    return {
      type: "scatter",
      x: members.map(({ cost }) => cost),
      y: members.map(({ score }) => score),
      mode: "markers+text",
      name: here ? `${set} (here)` : set,
      text: labels,
      textposition: "top center",
      customdata: members.map(({ id, ids }, at) => [id, labels[at], ids]),
      hovertext: members.map(({ hover }) => hover),
      hovertemplate: "%{hovertext}<extra></extra>",
      error_y: {
        array: reach(({ score, high }) => high - score),
        arrayminus: reach(({ score, low }) => score - low),
        color,
        thickness: 1,
        width: 2,
      },
      marker: {
        size: members.map((point) => (plain(point) ? LABEL.size : LABEL.small)),
        opacity: members.map((point) => (plain(point) ? 1 : LABEL.faint)),
        symbol: mark.open ? `${mark.symbol}-open` : mark.symbol,
        color,
        line: { width: here ? 2 : 1, color: here ? color : "#ffffff" },
      },
      meta: { role: "points", series: mark.series, open: here },
    };
  });
}

// ---- the axes, as figures/axes.py has them
function costSpan(costs, log) {
  const values = costs.length ? costs : [1];
  if (!log) return [0, 1.08 * Math.max(...values) || 1];
  const [low, high] = [Math.min(...values), Math.max(...values)].map((bound) =>
    Math.log10(Math.max(bound, 1e-6)),
  );
  const room = Math.max(0.08, 0.08 * (high - low));
  return [low - room, high + room];
}
function scoreSpan(scores) {
  const values = scores.length ? scores : [0, 100];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = Math.max(0.8, 0.14 * (high - low));
  return [low - room, high + room];
}
const FEWEST_TICKS = 4;

/** Returns round ticks of a logarithmic axis; `span` is in powers of ten. */
function logTicks(span) {
  const [low, high] = span.map((power) => 10 ** power);
  const range = (from, to) => Array.from({ length: Math.max(to - from, 0) }, (_, at) => from + at);
  const decades = range(Math.floor(span[0]), Math.ceil(span[1]) + 1);
  const digits = (list) => decades.flatMap((power) => list.map((digit) => digit * 10 ** power));
  const step = 10 ** Math.floor(Math.log10((high - low) / 2));
  const even = range(Math.ceil(low / step), Math.floor(high / step) + 1).map((at) => step * at);
  const choices = [digits([1, 2, 5]), digits(range(1, 10)), even].map((ticks) =>
    ticks.filter((tick) => low <= tick && tick <= high),
  );
  const shown = choices.find((ticks) => ticks.length >= FEWEST_TICKS) ?? choices.at(-1);
  return { tickvals: shown, ticktext: shown.map(shortNumber) };
}

/** Returns a number with at most six digits as Python's `:g` does: `"0.05"`, `"1e-06"`. */
function shortNumber(number) {
  const [digits, power] = number.toExponential(5).split("e").map(Number);
  if (power >= -4 && power < 6) return String(Number(number.toPrecision(6)));
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

// ---- the legend and the budget question
function legend({ many_sets: many }, rows) {
  const sets = new Map(rows.map((row) => [row.set, row]));
  const plus = (name) => name.split("+").length;
  const names = [...sets.keys()].sort(
    (set, other) =>
      Number(set !== "dense") - Number(other !== "dense") ||
      plus(set) - plus(other) ||
      byName(set, other),
  );
  const entries = names.map((name) => ({
    label: names.length > many ? sets.get(name).short : name,
    mark: { ...sets.get(name).mark, open: false },
  }));
  const source = (label, open) => ({
    label,
    mark: { series: 0, symbol: "circle", open },
    source: true,
  });
  if (rows.some((row) => row.source === "here"))
    entries.push(source("shipped", false), source("measured here", true));
  return entries;
}

const MB = 1e6;
const BUDGET = 20; // megabytes, and points below the best: as explore/budget.py asks at first
const LOSS = 1;

function answer(view, { questions, counts }, rows) {
  const best = view.question === "best";
  const bound = view.bound ?? usualBound(view, rows);
  const run = answering(view, bound, rows);
  const asked = best ? `under ${shortNumber(bound)} MB` : `above ${shortNumber(bound)} %`;
  const counted = view.question === "cheapest" ? view.counted : "bytes";
  return {
    questions,
    counts,
    question: view.question,
    counted: view.counted,
    bound: shortNumber(bound),
    unit: best ? "MB" : "%",
    sentence: run ? run.says[counted] : `No run that passes the filters is ${asked}.`,
    id: run?.id ?? "",
    letters: run?.letters ?? "",
    mark: run?.mark ?? null,
  };
}
function usualBound({ question }, rows) {
  if (question === "best") {
    const sizes = rows.map((row) => row.cost_values.bytes);
    return Math.max(BUDGET, Math.ceil((sizes.length ? Math.min(...sizes) : 0) / MB));
  }
  const scores = rows.map((row) => row.value);
  return Math.floor((scores.length ? Math.max(...scores) : 0) - LOSS);
}

/** Returns the run that answers: of equals the better or cheaper one, then the oldest. */
function answering(view, bound, rows) {
  const axis = view.question === "cheapest" ? view.counted : "bytes";
  const usual = axis === "latency" ? usualPlace(rows) : null;
  const cost = (row) => row.cost_values[axis];
  const fitting = rows
    .filter((row) => usual === null || row.place === usual)
    .filter((row) => (view.question === "best" ? cost(row) <= bound * MB : row.value >= bound));
  const order =
    view.question === "best"
      ? (first, other) =>
          other.value - first.value || cost(first) - cost(other) || first.age - other.age
      : (first, other) =>
          cost(first) - cost(other) || other.value - first.value || first.age - other.age;
  return fitting.sort(order)[0];
}
