// The typed texts and what became of them: boxes, examples, the exits of one text, a line for each
// of
// several.
const TIMED = {
  server:
    "Time: measured for this text just now, from its start to each exit's answer, alone on one thread of the server.",
  browser:
    "Time: measured in this browser just now, from this text's start to each exit's answer, on one thread.",
  stored:
    "This example's answers came with the model, and its times are those of the server that made them.",
};
// The texts' rows are drawn anew only when a text leaves elsewhere; else the marks alone move.
let speaking = 0,
  drawnTexts = "";
function followTexts() {
  const mark = model.labels.length === 2 ? needed(set.policy, set.threshold) : null;
  way.classList.toggle("unmarked", mark == null);
  if (mark != null) way.style.setProperty("--mark", `${100 * mark}%`);
  const ways = rows.map((row) => (row.problem ? row : passage(row, model, table, set)));
  if (ways.some((each) => each.waiting || (compare.checked && each.complete === false))) goOn();
  const key = JSON.stringify([
    model.name,
    asking,
    busy,
    chosen,
    set.policy,
    set.calibrated,
    ways.map((way) => [way.exit, way.last, way.waiting]),
  ]);
  drawBeside();
  if (key === drawnTexts) return;
  drawnTexts = key;
  drawTexts(ways);
  explain();
}
function drawTexts(ways) {
  const chosenWay = ways[chosen];
  show(lines, ways.length > 1 && lineList(ways, texts, chosen, chooseText, model.labels));
  way.hidden = !chosenWay || Boolean(chosenWay.problem);
  if (!chosenWay)
    return model.answers
      ? show(
          outcome,
          note(
            busy
              ? "Waiting for the answer."
              : `Type a ${model.columns.length > 1 ? "pair" : "sentence"}, or click an example: it ` +
                  "goes through the model, and each exit says what it would answer.",
          ),
        )
      : withoutModel();
  if (chosenWay.problem) return show(outcome, problem(chosenWay.problem));
  if (chosenWay.waiting) return;
  const [later, kind] = laterWords(chosenWay, meantOf(chosen));
  const headline = [
    chosenWay.name(chosenWay.exit),
    `leaves ${leavesAfter(chosenWay.layers[chosenWay.exit])} of ${chosenWay.layers.at(-1)}`,
  ];
  const sure = chosenWay.regression
    ? ""
    : `${percent(chosenWay.sure(chosenWay.exit), 1)} ` +
      `sure${set.calibrated || !table?.calibrated ? "" : ", uncalibrated"}`;
  show(
    outcome,
    ways.length > 1 && note(`Text ${chosen + 1} of ${ways.length}`),
    el(
      "p",
      { class: "headline" },
      el(
        "strong",
        { class: chosenWay.regression ? null : `class-${chosenWay.answers[chosenWay.exit]}` },
        headline[0],
      ),
      el("span", {}, headline[1], sure && `, ${sure}`),
    ),
    el("p", { class: "spent" }, spentWords(chosenWay)),
    el("p", { class: `later-words ${kind}` }, later),
    chosenWay.row.truncated &&
      problem(
        `Longer than the model reads: only the first ${chosenWay.row.tokens} word pieces count.`,
      ),
    chosenWay.row.unknown > 0 &&
      problem(
        `Not in the model's vocabulary, and read as unknown: ${chosenWay.row.unknown} ` +
          `${chosenWay.row.unknown > 1 ? "words" : "word"}.`,
      ),
  );
  show(
    way,
    wayTable(
      chosenWay,
      model,
      set,
      table?.calibrated && (set.calibrated ? "calibrated" : "uncalibrated"),
    ),
    el(
      "p",
      { class: "after" },
      chosenWay.row.where === "browser" && switchOf("Compute the later layers too", compare),
      el("small", {}, TIMED[chosenWay.row.where]),
    ),
  );
  if (ways.length > 1) summarize(ways);
  clearTimeout(speaking);
  speaking = setTimeout(() => {
    const text = `${headline.join(", ")}${sure && `, ${sure}`}. ${later}`;
    if (spoken.textContent !== text) spoken.textContent = text;
  }, 700);
}
// Only the figures of this run are here: why, and what can be done about it.
function withoutModel() {
  const other = offered.find((each) => each.answers && each.task === model.task);
  show(
    outcome,
    note(
      `${model.source === "shipped" ? "This run ships without its model" : "This run's model is not kept any more"}: ` +
        "only what it said of the validation set is here. To type sentences, run its pipeline " +
        `in Build${other ? ", or take another model of the task" : ""}.`,
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
function summarize(ways) {
  const whole = ways.map((way, at) => ({ way, text: texts[at], meant: meant[at], at }));
  const list = whole.filter(({ way }) => !way.problem && way.complete);
  summary(ways.filter((each) => !each.problem));
  if (!meant.length || !list.length) return;
  const show = (place) => chooseText(list[place].at);
  lines.prepend(
    listSummary(
      list.map(({ way }) => way),
      list,
      model.labels,
      show,
    ),
  );
}
function chooseText(index) {
  chosen = index;
  followTexts();
  lines.querySelectorAll("ul.lines button")[index]?.focus();
}
function summary(ways) {
  const sum = (valueOf) => ways.reduce((total, each) => total + valueOf(each), 0);
  const spent = sum((each) => each.row.macs[each.exit]) / sum((each) => each.row.macs.at(-1));
  const complete = ways.every((each) => each.complete);
  const early = millis(mean(ways.map((each) => each.row.milliseconds[each.exit])));
  const late = complete && millis(mean(ways.map((each) => each.row.milliseconds.at(-1))));
  const turned = ways.filter((each) => each.changed).length;
  const comparison = turned
    ? `${turned} ${turned > 1 ? "answers differ" : "answer differs"} from full depth.`
    : "Every answer is that of full depth.";
  lines.prepend(
    el(
      "p",
      { class: "summary" },
      `${ways.length} texts leave after ` +
        `${mean(ways.map((each) => each.layers[each.exit])).toFixed(1)} layers on average: ` +
        `${percent(spent)} of the arithmetic, ${early}${late ? ` instead of ${late}` : ""} ` +
        "each. ",
      complete && comparison,
    ),
  );
}
const meantOf = (at) =>
  meant.length
    ? model.labels[meant[at]]
    : model.examples.find(
        (example) => JSON.stringify(example.texts) === JSON.stringify([texts[at]].flat()),
      )?.answer;
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
const MOST_BYTES = 1_000_000; // of a dropped file: far more than the lines that are asked

/** Reads a file that was dropped on a box into it; text that was dropped is the browser's work. */
async function dropped(event) {
  const [file] = event.dataTransfer.files;
  if (!file) return;
  event.preventDefault();
  const box = event.currentTarget;
  if (file.size > MOST_BYTES)
    return show(message, problem(`${file.name}: must have at most 1 MB; got more.`));
  box.value = await file.text();
  chosen = 0;
  ask();
}
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
              ? `Type here; one ${model.columns.length > 1 ? "pair" : "text"} a line, ` +
                `up to ${mostLines} lines` +
                (model.columns.length > 1 || !model.labels.length
                  ? ""
                  : "; or drop a list with labels: text, tab or comma, label")
              : "This run's model is not here",
          value: before[index] || "",
          disabled: !model.answers,
          oninput: soon,
          ondrop: dropped,
        }),
      ),
    ),
  );
  const group = (name, hard) => {
    const some = model.examples.filter((example) => example.hard === hard);
    return (
      some.length > 0 &&
      el(
        "div",
        { class: "group", role: "group", "aria-label": `${name} examples` },
        el("span", { class: "quiet" }, name),
        some.map((example) =>
          el(
            "button",
            {
              type: "button",
              class: "example",
              title: `meant: ${example.answer.replaceAll("_", " ")}`,
              disabled: !model.answers,
              onclick: () => fillIn(example.texts),
            },
            example.texts.join(" / "),
          ),
        ),
      )
    );
  };
  show(examples, group("Easy", false), group("Hard", true));
}
