// The Export part of a run's page: choose a format, read what it leaves out, download the zip.
const EXPORT_FORMATS = {
  hf: "A folder that transformers opens: weights, config and tokenizer.",
  onnx: "One graph for ONNX Runtime, transformers.js and Optimum, with the tokenizer.",
  exits: "A graph for each exit, and a reader in Python that needs no torch.",
};
const exportAddress = (id, format) => new URL(`export/${id}/${format}`, address(null)).pathname;

async function notesOn(id, format) {
  try {
    const answer = await fetch(exportAddress(id, format));
    return await answer.json();
  } catch {
    return { error: "The app does not answer. Try again in a minute." };
  }
}

/** Draws the part of the page of ``run``; without a model it is one sentence. */
function exportPart(run) {
  const { formats, missing } = run.export;
  const said = el("div", { class: "said", "aria-live": "polite" });
  const chips = formats.map((format) =>
    el(
      "button",
      { type: "button", class: "chip", "aria-pressed": "false", onclick: () => choose(format) },
      format,
    ),
  );
  async function choose(format) {
    chips.forEach((chip) => chip.setAttribute("aria-pressed", String(chip.textContent === format)));
    show(said, el("p", { class: "aside" }, "Opening the model…"));
    const answer = await notesOn(run.id, format);
    const chosen = chips.find((chip) => chip.getAttribute("aria-pressed") === "true");
    if (chosen.textContent !== format) return;
    if (answer.error) return show(said, el("p", { class: "problem" }, answer.error));
    show(said, ...saidOf(run.id, format, answer.left_out));
  }
  return [
    el("h3", {}, "Export"),
    el(
      "div",
      { class: "export" },
      missing
        ? el("p", { class: "aside missing" }, missing)
        : [el("div", { class: "actions", role: "group", "aria-label": "Format" }, chips), said],
    ),
  ];
}

function saidOf(id, format, leftOut) {
  const waiting = el("p", { class: "aside", "aria-live": "polite" });
  const save = () => {
    el("a", { href: `${exportAddress(id, format)}.zip`, download: "" }).click();
    waiting.textContent = "The zip is being made; the browser saves it when it is ready.";
  };
  return [
    el("p", {}, EXPORT_FORMATS[format]),
    leftOut.length
      ? el(
          "ul",
          {},
          leftOut.map((sentence) => el("li", {}, sentence)),
        )
      : el("p", { class: "aside" }, "It holds all of the model."),
    el("button", { type: "button", class: "primary", onclick: save }, `Download ${format} zip`),
    waiting,
  ];
}
