// The budget question above the plane: a sentence with a number in it, and the run that answers it.
function questionForm(ask, open) {
  let typing = 0;
  const kind = el("select", {
    "aria-label": "Question",
    onchange: () => ask({ question: kind.value, bound: null }),
  });
  const bound = el("input", { type: "number", step: "any", oninput: soon, onchange: now });
  const unit = el("span", { class: "unit" });
  const counted = el("select", {
    "aria-label": "Cheap in",
    onchange: () => ask({ counted: counted.value }),
  });
  const by = el("span", { class: "by" }, "in", counted);
  const reply = el("p", { class: "reply", role: "status" });
  const form = el(
    "form",
    {
      class: "question",
      "aria-label": "Budget question",
      onsubmit: (event) => {
        event.preventDefault();
        now();
      },
    },
    el("div", { class: "asked" }, kind, bound, unit, by),
    reply,
  );
  function now() {
    clearTimeout(typing);
    if (bound.checkValidity() && bound.value !== "") ask({ bound: bound.valueAsNumber });
  }
  function soon() {
    clearTimeout(typing);
    typing = setTimeout(now, 300);
  }
  const choices = (list, chosen) =>
    list.map(([id, text]) => el("option", { value: id, selected: id === chosen }, text));
  /** @param {BudgetQuestion} next */
  function draw(next) {
    show(kind, choices(next.questions, next.question));
    show(counted, choices(next.counts, next.counted));
    by.hidden = next.question !== "cheapest";
    unit.textContent = next.unit;
    bound.setAttribute("aria-label", next.unit === "MB" ? "Megabytes at most" : "Percent at least");
    bound.setAttribute("min", next.unit === "MB" ? 0 : -100);
    if (bound !== document.activeElement || next.unit !== form.dataset.unit)
      bound.value = next.bound;
    form.dataset.unit = next.unit;
    const answer = JSON.stringify([next.id, next.sentence]);
    if (answer === reply.dataset.answer) return;
    reply.dataset.answer = answer;
    show(
      reply,
      next.mark && swatch(next.mark),
      el("span", {}, next.sentence),
      next.id &&
        el(
          "button",
          {
            type: "button",
            class: "small",
            "aria-label": `Open ${next.letters}, the answer`,
            onclick: () => open(next.id),
          },
          "Open",
        ),
    );
  }
  return { form, draw };
}
