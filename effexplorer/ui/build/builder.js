// The builder: model and data, operators in an order that can be dragged, and what is said of it.
let choices = null;
let plan = null;
let steps = [];
let verdict = null;
let sequence = 0;
let number = 0;
let grabbed = null;
let group = 0;
const TREND = "M2 3.5l5 5 2.5-2.5L14 11M10.5 11H14V7.5";
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
  "Drag a card by its handle. By keyboard: Alt with up or down on the handle, or Space to grab, arrows to move, Space to drop, Escape to undo.",
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
  let next;
  try {
    next = await server.judge(describe());
  } catch {
    next = { error: "The server does not answer. Reload the page when it is back." };
  }
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
function drawVerdict() {
  const reach = [unreachable.models[plan.model], unreachable.tasks[plan.task]].filter(Boolean);
  const onCards = verdict.cards.filter(Boolean);
  const problems = [...onCards, ...verdict.problems, ...(verdict.exists ? [] : reach)];
  steps.forEach((step, index) => {
    const card = cardOf(step),
      problem = verdict.cards[index];
    card.classList.toggle("illegal", Boolean(problem));
    const caution = problem ? null : verdict.cautions[index];
    show(card.querySelector(".problem"), problem && [icon(ICONS.warn), el("span", {}, problem)]);
    show(card.querySelector(".caution"), caution && [icon(ICONS.info), el("span", {}, caution)]);
  });
  typed.textContent = verdict.text || (steps.length ? "" : "(none: the dense model alone)");
  typed.classList.toggle("quiet", !verdict.text);
  const lines = problems.map((text) =>
    el("p", { class: "problem" }, icon(ICONS.warn), el("span", {}, text)),
  );
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

// ---- model and data
function field(label, control, hint, id) {
  control.id = id;
  return el(
    "div",
    { class: "field" },
    el("label", { for: id }, label),
    control,
    hint && el("small", {}, hint),
  );
}
const numberField = (name, label, hint, bounds, placeholder) =>
  field(
    label,
    el("input", {
      type: "number",
      ...bounds,
      placeholder,
      value: plan[name] ?? "",
      oninput: (event) => {
        plan[name] = event.target.value === "" ? (name === "seed" ? 0 : null) : event.target.value;
        check();
      },
    }),
    hint,
    `fx-${name}`,
  );
function pick(name, label, listed) {
  const control = el(
    "select",
    {
      onchange: (event) => {
        plan[name] = event.target.value;
        drawDense();
        check();
      },
    },
    listed.map(([id, title]) => el("option", { value: id, selected: id === plan[name] }, title)),
  );
  if (!listed.some(([id]) => id === plan[name]))
    control.append(el("option", { value: plan[name], selected: true }, plan[name]));
  return field(label, control, null, `fx-${name}`);
}
function drawSetup() {
  show(
    setup,
    pick("model", "Model", choices.models),
    pick("task", "Task", choices.tasks),
    numberField(
      "train_examples",
      "Training rows",
      "empty: all of them",
      { min: 8, step: 1 },
      "all",
    ),
    numberField(
      "epochs",
      "Epochs, dense model",
      "empty: the task's own; 0: as it is",
      { min: 0, max: 20, step: "any" },
      "auto",
    ),
    numberField(
      "max_length",
      "Text length",
      "in word pieces; empty: the task's own",
      { min: 8, max: 512, step: 1 },
      "auto",
    ),
    numberField("seed", "Seed", "same seed, same run", { min: 0, step: 1 }),
  );
  markUnreachable();
}
function markUnreachable() {
  const away = " (not reachable)";
  for (const name of ["model", "task"]) {
    for (const option of setup.querySelector(`#fx-${name}`).options) {
      if (unreachable[`${name}s`][option.value] && !option.text.endsWith(away)) option.text += away;
    }
  }
}
function drawDense() {
  show(
    dense,
    el("span", { class: "letter" }, "0"),
    el(
      "span",
      {},
      el("strong", {}, "dense"),
      ` fine-tune ${plan.model} on ${plan.task}: where every path starts`,
    ),
  );
}

// ---- presets and palette
function drawPresets() {
  const works = choices.presets;
  const chosen = works[group];
  show(
    presetBox,
    el(
      "fieldset",
      { class: "works" },
      el("legend", { class: "preset-title" }, "Presets"),
      works.map((work, index) =>
        el(
          "label",
          { title: work.source },
          el("input", {
            type: "radio",
            name: "fx-presets",
            value: String(index),
            checked: index === group,
            onchange: () => {
              group = index;
              drawPresets();
              drawVerdict();
              presetBox.querySelector("input:checked").focus();
            },
          }),
          el("span", {}, work.title),
        ),
      ),
    ),
    el("p", { class: "about" }, chosen.about, " ", el("cite", {}, cited(chosen.source))),
    el(
      "div",
      { class: "preset-group", role: "group", "aria-label": `${chosen.title}, ${chosen.source}` },
      chosen.presets.map((preset) =>
        el(
          "button",
          {
            type: "button",
            class: "chip",
            "aria-pressed": "false",
            "data-text": preset.text,
            title: `${preset.name}: ${preset.text || "the dense model alone"}`,
            onclick: () => {
              steps = withIds(preset.steps);
              drawCards();
              check(`Preset ${preset.label}: ${steps.length} operators.`);
            },
          },
          preset.label,
        ),
      ),
    ),
  );
}
function drawPalette() {
  show(
    palette,
    el("span", { class: "preset-title" }, "Add"),
    el(
      "div",
      { class: "adds" },
      choices.operators.map((operator) =>
        el(
          "button",
          {
            type: "button",
            title: operator.summary,
            onclick: () => {
              const step = { operator: operator.name, uid: ++number, open: false };
              operator.knobs.forEach((knob) => (step[knob.name] = knob.default));
              steps.push(step);
              drawCards();
              check(`${operator.name} added at position ${steps.length}.`);
            },
          },
          icon(ICONS.plus),
          el("span", { class: "letter" }, operator.letter),
          operator.name,
        ),
      ),
    ),
    el("small", {}, `${choices.max_steps} operators are the most.`),
  );
}
function limitPalette() {
  const full = steps.length >= choices.max_steps;
  for (const button of palette.querySelectorAll("button")) button.disabled = full;
  palette.querySelector("small").hidden = !full;
}

// ---- the cards
const cardOf = (step) => list.querySelector(`[data-uid="${step.uid}"]`);
const knobText = (step) => {
  const changed = operatorOf(step).knobs.filter(
    (knob) => String(step[knob.name]) !== String(knob.default),
  );
  return changed.length
    ? changed.map((knob) => `${knob.name} ${step[knob.name]}`).join(", ")
    : operatorOf(step).summary;
};
function knobField(step, knob) {
  const id = `fx-knob-${step.uid}-${knob.name}`;
  const set = (value) => {
    step[knob.name] = value;
    cardOf(step).querySelector(".settings").textContent = knobText(step);
    check();
  };
  const value = String(step[knob.name]);
  const offered = knob.choices.some((choice) => String(choice) === value)
    ? knob.choices
    : [...knob.choices, value]; // a run that was typed may have a student of its own
  const control =
    knob.choices.length > 0
      ? el(
          "select",
          {
            onchange: (event) =>
              set(offered.find((choice) => String(choice) === event.target.value)),
          },
          offered.map((choice) =>
            el(
              "option",
              { value: String(choice), selected: String(choice) === value },
              String(choice),
            ),
          ),
        )
      : el("input", {
          type: "number",
          min: knob.low,
          max: knob.high,
          step: knob.kind === "int" ? 1 : "any",
          value: step[knob.name],
          oninput: (event) => set(event.target.value),
        });
  control.setAttribute("aria-describedby", `${id}-help`);
  control.id = id;
  const bounds = knob.choices.length > 0 ? "" : ` ${knob.low} to ${knob.high}.`;
  return el(
    "div",
    { class: "field" },
    el("label", { for: id }, knob.name),
    control,
    el("small", { id: `${id}-help` }, knob.help, bounds),
  );
}
function makeCard(step) {
  const operator = operatorOf(step);
  const handle = el(
    "button",
    {
      type: "button",
      class: "handle",
      "aria-describedby": "fx-drag-help",
      "aria-pressed": "false",
      onpointerdown: (event) => drag(event, step),
      onkeydown: (event) => keys(event, step),
      onblur: () => release(true),
    },
    svg(
      "svg",
      { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true" },
      [
        [5, 3.5],
        [11, 3.5],
        [5, 8],
        [11, 8],
        [5, 12.5],
        [11, 12.5],
      ].map(([cx, cy]) => svg("circle", { cx, cy, r: 1.4, fill: "currentColor" })),
    ),
  );
  const knobs = el(
    "div",
    { class: "knobs", id: `fx-knobs-${step.uid}`, hidden: !step.open },
    operator.knobs.map((knob) => knobField(step, knob)),
    el(
      "small",
      { class: "source" },
      cited(operator.source),
      operator.page && [
        ". ",
        el(
          "a",
          { href: operator.page, target: "_blank", rel: "noopener" },
          `About ${operator.name}`,
        ),
      ],
    ),
  );
  const expand = el(
    "button",
    {
      type: "button",
      class: "expand",
      "aria-label": `Settings of ${operator.name}`,
      "aria-expanded": String(step.open),
      "aria-controls": `fx-knobs-${step.uid}`,
      onclick: () => {
        step.open = !step.open;
        knobs.hidden = !step.open;
        expand.setAttribute("aria-expanded", String(step.open));
      },
    },
    el("span", {}, "Settings"),
    icon(ICONS.down),
  );
  const remove = el(
    "button",
    {
      type: "button",
      class: "icon-only remove",
      "aria-label": `Remove ${step.operator}`,
      onclick: () => {
        const index = steps.indexOf(step);
        steps.splice(index, 1);
        drawCards();
        (
          list.querySelectorAll(".handle")[Math.min(index, steps.length - 1)] ||
          palette.querySelector("button")
        ).focus();
        check(`${step.operator} removed.`);
      },
    },
    icon(ICONS.close),
  );
  return el(
    "li",
    { class: "step", "data-uid": step.uid },
    el(
      "div",
      { class: "head" },
      handle,
      el("span", { class: "letter" }, operator.letter),
      el(
        "div",
        { class: "what" },
        el("strong", {}, operator.name),
        el("span", { class: "settings" }, knobText(step)),
      ),
      expand,
      remove,
    ),
    el("p", { class: "problem" }),
    el("p", { class: "caution" }),
    knobs,
  );
}
function drawCards() {
  show(list, steps.map(makeCard));
  list.classList.toggle("bare", !steps.length);
  nameHandles();
  limitPalette();
}
const nameHandles = () =>
  steps.forEach((step, index) =>
    cardOf(step)
      .querySelector(".handle")
      .setAttribute(
        "aria-label",
        `Move ${step.operator}, position ${index + 1} of ${steps.length}`,
      ),
  );

// Moves a step; its neighbours move in the page, so that the card in hand keeps pointer and focus.
function move(step, index) {
  const from = steps.indexOf(step);
  if (index === from || index < 0 || index >= steps.length) return false;
  const tops = new Map([...list.children].map((card) => [card, card.getBoundingClientRect().top]));
  steps.splice(index, 0, ...steps.splice(from, 1));
  const card = cardOf(step);
  for (let at = from; at < index; at++) list.insertBefore(card.nextElementSibling, card);
  for (let at = from; at > index; at--)
    list.insertBefore(card.previousElementSibling, card.nextElementSibling);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  for (const [other, top] of tops) {
    const by = top - other.getBoundingClientRect().top;
    if (by && other !== card && !calm)
      other.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], {
        duration: 140,
        easing: "ease-out",
      });
  }
  nameHandles();
  return true;
}
function restore(order) {
  const changed = order.some((step, index) => steps[index] !== step);
  order.forEach((step, index) => move(step, index));
  if (changed) check("Order as before.");
}
function drag(event, step) {
  if (event.button) return;
  event.preventDefault();
  const handle = event.currentTarget,
    card = cardOf(step),
    before = [...steps];
  handle.focus({ preventScroll: true });
  handle.setPointerCapture(event.pointerId);
  const hold = event.clientY - card.getBoundingClientRect().top;
  card.classList.add("dragged");
  const follow = ({ clientY }) => {
    const middle = clientY - hold + card.offsetHeight / 2;
    const top = list.getBoundingClientRect().top;
    const others = steps.filter((other) => other !== step).map(cardOf);
    const passed = others.filter(
      (other) => top + other.offsetTop + other.offsetHeight / 2 < middle,
    ).length;
    if (move(step, passed)) check();
    card.style.transform = `translateY(${clientY - hold - top - card.offsetTop}px)`;
  };
  const end = (undo) => {
    handle.removeEventListener("pointermove", follow);
    handle.removeEventListener("pointerup", drop);
    handle.removeEventListener("pointercancel", cancel);
    document.removeEventListener("keydown", escape, true);
    card.classList.remove("dragged");
    card.style.transform = "";
    if (undo) restore(before);
    else if (before.some((step, index) => steps[index] !== step))
      check().then(() => say(where(step)));
  };
  const drop = () => end(false),
    cancel = () => end(true);
  const escape = (pressed) => {
    if (pressed.key === "Escape") {
      pressed.stopPropagation();
      cancel();
    }
  };
  handle.addEventListener("pointermove", follow);
  handle.addEventListener("pointerup", drop);
  handle.addEventListener("pointercancel", cancel);
  document.addEventListener("keydown", escape, true);
}
function release(keep) {
  if (!grabbed) return;
  const { step, before } = grabbed;
  grabbed = null;
  cardOf(step)?.classList.remove("grabbed");
  cardOf(step)?.querySelector(".handle").setAttribute("aria-pressed", "false");
  if (!keep) restore(before);
}
function keys(event, step) {
  const way = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const handle = event.currentTarget;
  if (way && (event.altKey || grabbed)) {
    event.preventDefault();
    if (move(step, steps.indexOf(step) + way)) check().then(() => say(where(step)));
  } else if (event.key === " " || event.key === "Enter") {
    event.preventDefault();
    if (grabbed) {
      release(true);
      say(`Dropped. ${where(step)}`);
      return;
    }
    grabbed = { step, before: [...steps] };
    handle.setAttribute("aria-pressed", "true");
    cardOf(step).classList.add("grabbed");
    say(`Grabbed ${where(step)} Arrows move, Space drops, Escape undoes.`);
  } else if (event.key === "Escape" && grabbed) {
    event.preventDefault();
    release(false);
  }
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
