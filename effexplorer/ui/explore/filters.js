// The filters above the plane.
const select = (name, label, choices, value) =>
  field(
    label,
    el(
      "select",
      {
        "data-name": name,
        "aria-label": label,
        onchange: (event) => choose({ [name]: event.target.value }),
      },
      choices.map(([id, text]) => el("option", { value: id, selected: id === value }, text)),
    ),
  );
const filterSwitch = (name, label, view, disabled = false) =>
  switchOf(
    label,
    switchInput({
      checked: view[name],
      disabled,
      "data-name": name,
      onchange: (event) => choose({ [name]: event.target.checked }),
    }),
  );
/** @param {PlaneState} state */
function drawFilters({ view, options, published }) {
  const focusedName = controls.contains(document.activeElement)
    ? document.activeElement.dataset.name
    : null;
  const letters = new Set(view.operators);
  const toggle = (letter) => {
    letters.has(letter) ? letters.delete(letter) : letters.add(letter);
    choose({ operators: [...letters] });
  };
  show(
    controls,
    select("task", "Task", options.tasks, view.task),
    select("data", "Trained on", options.data, view.data),
    select("model", "Model", options.models, view.model),
    segments(
      "cost",
      el("legend", {}, "Cost: ", term(options.costs.find(([id]) => id === view.cost)[1])),
      options.costs,
      view.cost,
      (cost) => choose({ cost }),
    ),
    el(
      "fieldset",
      { class: "letters" },
      el("legend", {}, "Runs"),
      el(
        "select",
        {
          "aria-label": "How the chosen operators count",
          "data-name": "match",
          onchange: (event) => choose({ match: event.target.value }),
        },
        options.matches.map(([id, text]) =>
          el("option", { value: id, selected: id === view.match }, text),
        ),
      ),
      letterChips(options.operators, letters, toggle),
    ),
    filterSwitch("log", "Log scale", view),
    filterSwitch("seeds", "Each seed", view),
    fill(
      filterSwitch(
        "published",
        ["Published", published.note && el("small", {}, published.note)],
        view,
        !published.any,
      ),
      { class: "switch published" },
      [],
    ),
  );
  if (focusedName) controls.querySelector(`[data-name="${focusedName}"]`)?.focus();
}
