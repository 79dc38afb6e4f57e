// The papers' pipelines, and the operators that can be added.
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
