// The Early exit tab. A model's table comes once, a typed text costs one request; whatever the
// slider moves is computed here.
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
const MOST_LINKED = 4000; // characters: some browsers and mail programs cut a longer address
const asked = new URLSearchParams(window.location.search);
let offered = [],
  model = null,
  table = null,
  ready = null,
  chosen = 0,
  texts = [],
  rows = [],
  refused = "",
  mostLines = 50;
let asking = 0; // counts the answers, so that new ones are drawn
const set = { policy: "confidence", threshold: 0.9, calibrated: true, keep: 0.99 };
const prepared = new Map(); // per policy and calibration: the readiness and the curve

const field = (label, node) => el("label", { class: "field" }, el("span", {}, label), node);
const models = el("select", { "aria-label": "Model", onchange: () => open(models.value) });
const boxes = el("div", { class: "boxes" });
const told = el("div", { class: "told", role: "status" });
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
const calibrated = el("input", {
  type: "checkbox",
  role: "switch",
  checked: true,
  onchange: () => {
    set.calibrated = calibrated.checked;
    prepare();
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
const found = el("p", { class: "found", role: "status" });
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

async function call(name, argument) {
  try {
    return await server[name](argument);
  } catch {
    return { error: "The server does not answer. Reload the page when it is back." };
  }
}
const problem = (text) => el("p", { class: "problem" }, icon(ICONS.warn), el("span", {}, text));
const note = (text) => el("p", { class: "quiet" }, text);

// The slider is finer where it matters: near certainty, or near no difference at all.
const widest = () =>
  ready ? Math.max(...ready.readiness.filter(Number.isFinite).map((one) => -one), 0.01) : 5;
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

// Everything that follows the slider; nothing here asks the server.
let frame = 0;
function moved(threshold) {
  set.threshold = threshold;
  found.textContent = "";
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(follow);
}
function follow() {
  if (!model) return;
  const said = meaning(set.policy, set.threshold, { outputs: model.labels.length });
  words.textContent = said;
  slider.max = sliderMax();
  slider.step = set.policy === "patience" ? 1 : 5;
  const stands = () => slider.valueAsNumber / slider.max;
  // Else a key's step would be lost in rounding.
  if (thresholdAt(stands()) !== set.threshold) slider.value = placeOf(set.threshold) * slider.max;
  put(slider, { "aria-valuetext": said });
  slider.style.setProperty("--at", `${100 * stands()}%`);
  if (ready) followTable();
  followTexts();
}
function followTable() {
  const now = point(ready, set.threshold),
    { full } = ready;
  chart.move(now);
  const lost = now.score - full.score;
  writeTiles([
    [
      METRIC_NAMES[model.metric] || model.metric.replaceAll("_", " "),
      `${now.score.toFixed(1)} %`,
      Math.abs(lost) < 0.05
        ? "as at full depth"
        : `${lost > 0 ? "+" : "−"}${Math.abs(lost).toFixed(1)} points to full depth`,
    ],
    [
      "compute",
      percent(now.macs / full.macs),
      `${counted(now.macs)} of ${counted(full.macs)} MACs`,
    ],
    ["layers", now.layers.toFixed(1), `of ${full.layers}, on average`],
  ]);
  leaving.move(
    [...sharesOf(now.left, table.exits)].map((share) => ({
      share,
      words: percent(share),
      strong: share > 0,
    })),
  );
  if (table.tags.length > 1) {
    const deep = new Map(depthByTag(table, now.left).map((one) => [one.name, one]));
    depths.move(
      table.tags.map((name) => ({
        share: deep.get(name).depth / full.layers,
        words: deep.get(name).depth.toFixed(1),
        strong: true,
      })),
    );
  }
  squares.move(set.policy, set.threshold);
  if (model.labels.length) {
    const { gained, lost: missed } = changedByLeaving(ready, now.left);
    write(
      swaps,
      `At this threshold ${gained} ${gained === 1 ? "is" : "are"} right early and wrong late, ${missed} wrong early and right late.`,
    );
  }
}
const write = (node, text) => {
  if (node.textContent !== text) node.textContent = text;
};
function writeTiles(list) {
  if (!tiles.children.length)
    show(
      tiles,
      list.map(() =>
        el("div", { class: "tile" }, el("dt"), el("dd", {}, el("strong"), el("small"))),
      ),
    );
  list.forEach((texts, at) =>
    ["dt", "strong", "small"].forEach((tag, index) =>
      write(tiles.children[at].querySelector(tag), texts[index]),
    ),
  );
}
// The texts' rows are drawn anew only when a text leaves elsewhere; else the marks alone move.
let speaking = 0,
  drawnTexts = "";
function followTexts() {
  const mark = model.labels.length === 2 ? needed(set.policy, set.threshold) : null;
  way.classList.toggle("unmarked", mark == null);
  if (mark != null) way.style.setProperty("--mark", `${100 * mark}%`);
  const ways = rows.map((row) => (row.problem ? row : passage(row, model, table, set)));
  const key = JSON.stringify([
    model.name,
    asking,
    busy,
    chosen,
    set.policy,
    set.calibrated,
    ways.map((one) => one.exit),
  ]);
  if (key === drawnTexts) return;
  drawnTexts = key;
  drawTexts(ways);
}
function drawTexts(ways) {
  const one = ways[chosen];
  show(
    lines,
    ways.length > 1 &&
      lineList(
        ways,
        texts,
        chosen,
        (index) => {
          chosen = index;
          followTexts();
          lines.querySelectorAll("button")[index]?.focus();
        },
        model.labels,
      ),
  );
  way.hidden = !one || Boolean(one.problem);
  if (!one)
    return model.answers
      ? show(
          outcome,
          note(
            busy
              ? "Waiting for the answer."
              : `Type a ${model.columns.length > 1 ? "pair" : "sentence"}, or click an example: it goes through the model, and each exit says what it would answer.`,
          ),
        )
      : withoutModel();
  if (one.problem) return show(outcome, problem(one.problem));
  const [later, kind] = laterWords(one, meantOf(texts[chosen]));
  const headline = [
    one.name(one.exit),
    `leaves after layer ${one.layers[one.exit]} of ${one.layers[one.last]}`,
  ];
  const sure = one.regression
    ? ""
    : `${percent(one.sure(one.exit), 1)} sure${set.calibrated || !table?.calibrated ? "" : ", uncalibrated"}`;
  show(
    outcome,
    ways.length > 1 && note(`Text ${chosen + 1} of ${ways.length}`),
    el(
      "p",
      { class: "headline" },
      el(
        "strong",
        { class: one.regression ? null : `class-${one.answers[one.exit]}` },
        headline[0],
      ),
      el("span", {}, headline[1], sure && `, ${sure}`),
    ),
    el("p", { class: "spent" }, spentWords(one)),
    el("p", { class: `later-words ${kind}` }, later),
    one.row.truncated &&
      problem(`Longer than the model reads: only the first ${one.row.tokens} word pieces count.`),
    one.row.unknown > 0 &&
      problem(
        `Not in the model's vocabulary, and read as unknown: ${one.row.unknown} ${one.row.unknown > 1 ? "words" : "word"}.`,
      ),
  );
  show(
    way,
    wayTable(
      one,
      model,
      set,
      table?.calibrated && (set.calibrated ? "calibrated" : "uncalibrated"),
    ),
    el(
      "small",
      {},
      "Time: measured for this text just now, from its start to each exit's answer, alone on one thread of the server.",
    ),
  );
  if (ways.length > 1) summary(ways.filter((each) => !each.problem));
  clearTimeout(speaking);
  speaking = setTimeout(() => {
    const text = `${headline.join(", ")}${sure && `, ${sure}`}. ${later}`;
    if (spoken.textContent !== text) spoken.textContent = text;
  }, 700);
}
// Only the figures of this run are here: why, and what can be done about it.
function withoutModel() {
  const other = offered.find((one) => one.answers && one.task === model.task);
  show(
    outcome,
    note(
      `${model.source === "shipped" ? "This run ships without its model" : "This run's model is not kept any more"}: only what it said of the validation set is here. To type sentences, run its pipeline in Build${other ? ", or take another model of the task" : ""}.`,
    ),
    el(
      "div",
      { class: "actions" },
      el(
        "button",
        { type: "button", onclick: () => trigger("build_run", { id: model.run }) },
        icon(ICONS.build),
        "Open in builder",
      ),
      other &&
        el(
          "button",
          { type: "button", onclick: () => open(other.name) },
          icon(ICONS.play),
          `Take ${other.title}`,
        ),
    ),
  );
}
function summary(ways) {
  const spent =
    ways.reduce((sum, one) => sum + one.row.macs[one.exit], 0) /
    ways.reduce((sum, one) => sum + one.row.macs[one.last], 0);
  const early = mean(ways.map((one) => one.row.milliseconds[one.exit])),
    late = mean(ways.map((one) => one.row.milliseconds[one.last]));
  const turned = ways.filter((one) => one.changed).length;
  lines.prepend(
    el(
      "p",
      { class: "summary" },
      `${ways.length} texts leave after ${mean(ways.map((one) => one.layers[one.exit])).toFixed(1)} layers on average: ${percent(spent)} of the arithmetic, ${millis(early)} instead of ${millis(late)} each. `,
      turned
        ? `${turned} ${turned > 1 ? "answers differ" : "answer differs"} from full depth.`
        : "Every answer is that of full depth.",
    ),
  );
}
const meantOf = (text) =>
  model.examples.find((one) => JSON.stringify(one.texts) === JSON.stringify([text].flat()))?.answer;

// Policy or calibration changed: readiness and curve are computed anew, or remembered.
function prepare() {
  for (const input of policies.querySelectorAll("input"))
    input.checked = input.value === set.policy;
  if (table) {
    const key = `${set.policy} ${set.calibrated}`;
    if (!prepared.has(key)) prepared.set(key, prepareTable(table, set.policy, set.calibrated));
    ready = prepared.get(key);
  }
  redraw();
}
function redraw() {
  if (ready) {
    chart.draw(ready, set.keep);
    if (model.labels.length) squares.draw(ready);
  }
  follow();
}
function keepShare() {
  found.textContent = "";
  if (keep.checkValidity()) {
    set.keep = keep.valueAsNumber / 100;
    redraw();
  } else
    found.textContent = `The share to keep must be a number from ${keep.min} to ${keep.max}; got ${keep.value || "none"}. ${places(100 * set.keep, 4)} % still counts.`;
}
function findCheapest() {
  const best = cheapest(ready, set.keep);
  moved(best.threshold);
  found.textContent =
    best === ready.full
      ? `No threshold is cheaper than full depth and keeps ${places(100 * set.keep, 4)} % of its score.`
      : `Cheapest that keeps ${places(100 * set.keep, 4)} %: ${percent(best.macs / ready.full.macs)} of the compute.`;
}

// Texts on their way to the server: the latest wins, and only one request is under way.
let typing = 0,
  busy = false,
  again = false;
const soon = () => {
  clearTimeout(typing);
  typing = setTimeout(ask, 250);
};
function typed() {
  const parts = [...boxes.querySelectorAll("textarea")].map((box) =>
    box.value.split("\n").filter((line) => line.trim()),
  );
  refused = "";
  if (parts.some((one) => !one.length))
    refused = parts.some((one) => one.length) ? "A pair needs both texts." : "";
  else if (parts.some((one) => one.length !== parts[0].length))
    refused = `Both boxes need as many lines; got ${parts.map((one) => one.length).join(" and ")}.`;
  else if (parts[0].length > mostLines)
    refused = `At most ${mostLines} lines are asked at once; got ${parts[0].length}.`;
  else
    return parts.length === 1
      ? parts[0]
      : parts[0].map((line, index) => parts.map((one) => one[index]));
  return [];
}
async function ask() {
  clearTimeout(typing);
  if (busy) {
    again = true;
    return;
  }
  const wanted = typed(),
    from = model;
  if (!wanted.length || !from.answers) return answered(wanted, []);
  busy = true;
  follow();
  const slow = setTimeout(
    () => show(told, note("Opening the model. The first text takes some seconds.")),
    600,
  );
  const answer = await call("ask", { model: from.name, texts: wanted });
  clearTimeout(slow);
  busy = false;
  if (again || from !== model) {
    again = false;
    return ask();
  }
  if (answer.error) refused = answer.error;
  answered(wanted, answer.rows || []);
}
function answered(wanted, given) {
  [texts, rows] = [wanted, given];
  asking++;
  chosen = Math.min(chosen, Math.max(rows.length - 1, 0));
  show(told, refused && problem(refused));
  follow();
}

function fillIn(parts) {
  [...boxes.querySelectorAll("textarea")].forEach((box, index) => {
    box.value = parts[index] || "";
  });
  chosen = 0;
  ask();
}
const title = (column) =>
  ({
    sentence: "Sentence",
    sentence1: "First sentence",
    sentence2: "Second sentence",
    question1: "First question",
    question2: "Second question",
  })[column] || column[0].toUpperCase() + column.slice(1);
function drawBoxes() {
  const before = [...boxes.querySelectorAll("textarea")].map((box) => box.value);
  show(
    boxes,
    model.columns.map((column, index) =>
      field(
        title(column),
        el("textarea", {
          rows: 2,
          dir: "auto",
          spellcheck: "false",
          placeholder: index
            ? ""
            : model.answers
              ? `Type here; one ${model.columns.length > 1 ? "pair" : "text"} a line, up to ${mostLines} lines`
              : "This run's model is not here",
          value: before[index] || "",
          disabled: !model.answers,
          oninput: soon,
        }),
      ),
    ),
  );
  const group = (name, hard) => {
    const some = model.examples.filter((one) => one.hard === hard);
    return (
      some.length > 0 &&
      el(
        "div",
        { class: "group", role: "group", "aria-label": `${name} examples` },
        el("span", { class: "quiet" }, name),
        some.map((one) =>
          el(
            "button",
            {
              type: "button",
              class: "example",
              title: `meant: ${one.answer.replaceAll("_", " ")}`,
              disabled: !model.answers,
              onclick: () => fillIn(one.texts),
            },
            one.texts.join(" / "),
          ),
        ),
      )
    );
  };
  show(examples, group("Easy", false), group("Hard", true));
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

const option = (one) => el("option", { value: one.name }, one.title);
function drawModels() {
  const groups = { shipped: "Shipped", here: "Made here" };
  show(
    models,
    Object.entries(groups).map(([source, label]) => {
      const some = offered.filter((one) => one.answers && one.source === source);
      return some.length > 0 && el("optgroup", { label }, some.map(option));
    }),
  );
  if (![...models.options].some((one) => one.value === model.name))
    models.append(el("optgroup", { label: "Figures only: no model to type into" }, option(model)));
  models.value = model.name;
}
let opening = 0; // the latest choice wins
async function open(name) {
  const mine = ++opening,
    next = await call("model", name);
  if (mine !== opening) return;
  if (next.error) {
    models.value = model?.name;
    return show(told, problem(next.error));
  }
  const kept = model;
  [model, rows, ready] = [next, [], null];
  drawModels();
  prepared.clear();
  table = model.table && openTable(model.table, model);
  if (!model.policies.includes(set.policy)) set.policy = model.policies[0];
  if (!kept || !model.labels.length || kept.metric !== model.metric) set.threshold = usual();
  drawBoxes();
  drawPolicies();
  figures.hidden = !table;
  honest.hidden = !table || !model.labels.length;
  if (table) {
    leaving.names(table.layers.map((layer) => `layer ${layer}`));
    depths.table.hidden = table.tags.length < 2;
    depths.names(table.tags);
    swaps.hidden = !model.labels.length;
    figures.querySelector(".count").textContent =
      `${table.examples.toLocaleString("en")} validation ${model.columns.length > 1 ? "pairs" : "sentences"}`;
  }
  calibrated.closest("label").hidden = !model.labels.length || !table?.calibrated;
  honest.querySelector(".quiet").textContent = honesty();
  // Opens it while the first text is typed.
  if (model.answers) call("ask", { model: model.name, texts: [] });
  prepare();
  ask();
}
function restore() {
  const policy = asked.get("policy"),
    given = asked.get("threshold");
  if (policy in POLICY_NAMES && model.policies.includes(policy)) set.policy = policy;
  set.threshold =
    given === "full" ? Infinity : given && Number.isFinite(Number(given)) ? Number(given) : usual();
  if (asked.get("raw")) set.calibrated = calibrated.checked = false;
  prepare();
  const parts = ["text", "other"].map((name) => asked.get(name) || "");
  if (parts[0]) fillIn(parts);
}
const honesty = () =>
  `Confidence to the right, from ${model.labels.length === 2 ? 50 : 0} to 100 %; accuracy upwards, from 0 to 100 %. On the dashed line, 80 % sure is right 8 times in 10. Shaded: sure enough to leave.`;
// The address that leads back here, and how many characters of text it had to leave out.
function link() {
  const url = address(null),
    [text, other] = [...boxes.querySelectorAll("textarea")].map((box) => box.value);
  const carried = {
    exits: model.name,
    policy: set.policy,
    threshold: set.threshold === Infinity ? "full" : String(set.threshold),
  };
  if (!set.calibrated) carried.raw = "1";
  const long = (text + (other || "")).length;
  if (long <= MOST_LINKED) Object.assign(carried, text && { text }, other && { other });
  for (const [name, value] of Object.entries(carried)) url.searchParams.set(name, value);
  return { href: url.href, dropped: long > MOST_LINKED ? long : 0 };
}
function copyLink(button) {
  const { href, dropped } = link(),
    many = (count) => count.toLocaleString("en");
  copy(href, button);
  found.textContent = dropped
    ? `The link carries model, policy and threshold, but not the text: at most ${many(MOST_LINKED)} characters fit into a link; got ${many(dropped)}.`
    : "";
}

function draw() {
  figures.replaceChildren(
    el(
      "section",
      { class: "card", "aria-labelledby": "fx-exits-curve" },
      el(
        "header",
        {},
        el("h2", { id: "fx-exits-curve" }, "What the threshold costs"),
        el("span", { class: "count quiet" }),
      ),
      tiles,
      el("div", { class: "stage" }, chart.chart),
      el(
        "ul",
        { class: "legend" },
        el("li", {}, el("span", { class: "key course" }), "this policy, every threshold"),
        el("li", {}, el("span", { class: "key fixed" }), "everyone leaves at one layer"),
        el("li", {}, el("span", { class: "key here" }), "now"),
      ),
      swaps,
    ),
    el("section", { class: "card pair", "aria-label": "Depth" }, leaving.table, depths.table),
  );
  show(
    root,
    el(
      "section",
      { class: "card say", "aria-label": "Text and model" },
      el("div", { class: "top" }, boxes, field("Model", models)),
      told,
      examples,
    ),
    el(
      "section",
      { class: "card dial", "aria-label": "Threshold" },
      el(
        "div",
        { class: "turn" },
        words,
        el(
          "div",
          { class: "slide" },
          slider,
          el(
            "div",
            { class: "ends", "aria-hidden": "true" },
            el("span", {}, "leave early, compute less"),
            el("span", {}, "be sure, compute more"),
          ),
        ),
      ),
      el(
        "div",
        { class: "choices" },
        policies,
        el("label", { class: "switch" }, calibrated, el("span", {}, "Calibrated")),
        el(
          "div",
          { class: "keep" },
          el("button", { type: "button", onclick: () => ready && findCheapest() }, "Find cheapest"),
          el("span", {}, "that keeps"),
          keep,
          el("span", {}, "% of the full score"),
        ),
        el(
          "button",
          { type: "button", onclick: (event) => copyLink(event.currentTarget) },
          icon(ICONS.link),
          el("span", { class: "label", "aria-live": "polite" }, "Copy link"),
        ),
      ),
      found,
    ),
    el(
      "div",
      { class: "halves" },
      el(
        "div",
        { class: "half" },
        el(
          "section",
          { class: "card through", "aria-label": "Way through the model" },
          outcome,
          way,
          lines,
        ),
        honest,
      ),
      figures,
    ),
    spoken,
  );
}
function nothing() {
  show(
    root,
    el(
      "section",
      { class: "card none" },
      el("h2", {}, "No model with exits yet"),
      el(
        "p",
        {},
        "Early exit needs a model that has a classifier after every layer. Run ",
        el("code", {}, "exit > quantize"),
        " on the bundled reviews in Build: it takes some minutes on this machine, and the model appears here.",
      ),
      el(
        "button",
        { type: "button", class: "primary", onclick: () => trigger("build_exits", {}) },
        icon(ICONS.build),
        "Put exit > quantize into Build",
      ),
    ),
  );
}
const offer = (name) => offered.find((one) => name && [one.name, one.run].includes(name));
let looked = false; // the tab was seen
async function start() {
  looked = true;
  const begun = await call("models", null);
  if (begun.error) return show(root, el("section", { class: "card" }, problem(begun.error)));
  if (!begun.models.length) return nothing();
  [mostLines, offered] = [begun.most_lines, begun.models];
  draw();
  const wanted = asked.get("exits"),
    known = offer(wanted);
  await open(known ? wanted : offered[0].name);
  if (known || !wanted) restore();
  else
    show(
      told,
      problem(`There is no model ${wanted.slice(0, 40)} with exits here; this is another one.`),
    );
  let width = 0;
  new ResizeObserver(([entry]) => {
    if (ready && entry.contentRect.width !== width) requestAnimationFrame(redraw);
    width = entry.contentRect.width;
  }).observe(chart.chart.parentNode);
}
// Another tab asked for a model: its name stands in the address.
document.addEventListener("effexplorer-exits", async () => {
  const name = new URLSearchParams(window.location.search).get("exits");
  if (!model) {
    asked.set("exits", name);
    return looked && start();
  }
  if (!offer(name)) await renew();
  open(name);
});
// A run has finished, or one is deleted: there may be other models to choose from.
async function renew() {
  if (!looked) return;
  if (!model) return start();
  const now = await call("models", null);
  if (now.error) return;
  offered = now.models;
  drawModels();
}
for (const name of ["finished", "deleted"]) document.addEventListener(`effexplorer-${name}`, renew);
new MutationObserver(() => ready && requestAnimationFrame(redraw)).observe(
  document.documentElement,
  { attributes: true, attributeFilter: ["class"] },
);
const seen = new IntersectionObserver((entries) => {
  if (entries.some((one) => one.isIntersecting)) {
    seen.disconnect();
    start();
  }
});
show(root, el("p", { class: "quiet" }, "Looking for models with exits."));
seen.observe(root);
