// The builder: the pipeline as it stands, what is asked of the server, and how the parts stand on
// the page.
/** @type {BuilderState & {error?: string}} */
let choices = null;
let plan = null;
let steps = [];
/** @type {Partial<Judgement>} */
let verdict = null;
let sequence = 0;
let number = 0;
let grabbed = null;
let group = 0;
const unreachable = { models: {}, tasks: {} };
const dataCautions = new Map(); // by task, what is odd about its rows
const setup = el("div", { class: "setup" });
const palette = el("div", { class: "palette" });
const presetBox = el("div", { class: "presets" });
const dense = el("div", { class: "dense" });
const list = el("ol", { class: "steps", "aria-label": "Pipeline, in order" });
const typed = el("code", { class: "typed-steps" });
const verdictBox = el("div", { class: "verdict", role: "status" });
const runButton = el("button", {
  type: "button",
  class: "primary run-button",
  disabled: true,
  onclick: run,
});
const said = el("div", { class: "offscreen", role: "status", "aria-live": "assertive" });
const help = el(
  "p",
  { class: "hint", id: "fx-drag-help" },
  "Drag a card by its handle. By keyboard: Alt with up or down on the handle, or Space " +
    "to grab, arrows to move, Space to drop, Escape to undo.",
);
root.append(
  el(
    "section",
    { class: "card", "aria-labelledby": "fx-setup" },
    el(
      "div",
      { class: "own-heading" },
      el("h2", { id: "fx-setup" }, "Model and data"),
      ownDataButton(takeTasks),
    ),
    setup,
  ),
  el(
    "section",
    { class: "card", "aria-labelledby": "fx-pipeline" },
    el("h2", { id: "fx-pipeline" }, "Pipeline"),
    presetBox,
    dense,
    list,
    palette,
    help,
    said,
  ),
  el(
    "section",
    { class: "card launch", "aria-label": "Run" },
    el("div", { class: "line" }, el("span", { class: "prompt" }, "--steps"), typed),
    verdictBox,
    runButton,
  ),
);

const operatorOf = (step) => choices.operators.find((operator) => operator.name === step.operator);
const describe = () => ({ ...plan, steps: steps.map(({ uid, open, ...step }) => step) });
const withIds = (given) => given.map((step) => ({ ...step, uid: ++number, open: false }));

// ---- what the server says of it
async function check(announce) {
  const mine = ++sequence;
  runButton.disabled = true;
  const next = await call("judge", describe());
  if (mine !== sequence) return;
  verdict = next.error ? { cards: [], cautions: [], problems: [next.error], text: "" } : next;
  drawVerdict();
  if (announce) say(announce);
  lookAtData();
}
// Reading the rows may take seconds the first time, so the verdict does not wait for it.
async function lookAtData() {
  const { task } = plan;
  if (!verdict.key || verdict.exists || dataCautions.has(task)) return;
  dataCautions.set(task, []);
  const cautions = await server.look_at_data(describe()).catch(() => null);
  if (!Array.isArray(cautions)) dataCautions.delete(task);
  else if (cautions.length) {
    dataCautions.set(task, cautions);
    drawVerdict();
  }
}
function run() {
  if (verdict.exists) trigger("show_run", { id: verdict.key });
  else trigger("start_run", { pipeline: describe(), owner: owner() });
}
const say = (text) => {
  said.textContent = text;
};
function where(step) {
  const index = steps.indexOf(step);
  const remark = verdict?.cards[index] || verdict?.cautions[index] || "";
  return `${step.operator}, position ${index + 1} of ${steps.length}. ${remark}`;
}

// ---- start, and pipelines that come from elsewhere
function take(pipeline) {
  const { steps: given, ...rest } = pipeline;
  plan = { seed: 0, train_examples: null, epochs: null, max_length: null, ...rest };
  steps = withIds(given);
  drawSetup();
  drawDense();
  drawCards();
  check();
}
/** Offers the tasks that there are now; `task` is a new one to begin with, or null. */
async function takeTasks(task) {
  choices = await server.begin();
  dataCautions.clear(); // a name may stand for other rows now
  if (task) plan.task = task;
  take(describe());
  Object.assign(unreachable, await server.reach());
  markUnreachable();
  drawVerdict();
}
async function begin() {
  choices = await server.begin();
  if (choices.error) return show(root, el("p", { class: "notice" }, choices.error));
  drawPresets();
  drawPalette();
  take(plain(props.value)?.pipeline || choices.pipeline);
  Object.assign(unreachable, await server.reach());
  markUnreachable();
  if (verdict) drawVerdict();
}
for (const name of ["finished", "deleted"])
  document.addEventListener(`effexplorer-${name}`, () => plan && check());
watch("value", () => {
  const given = plain(props.value);
  if (choices && given?.pipeline) take(given.pipeline);
});
begin();
