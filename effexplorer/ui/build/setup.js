// The builder's form of model and data.
function setupField(label, control, hint, id) {
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
  setupField(
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
  return setupField(label, control, null, `fx-${name}`);
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
