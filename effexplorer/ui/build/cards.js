// A card for each step, with its knobs.
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
