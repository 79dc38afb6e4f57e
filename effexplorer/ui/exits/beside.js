// A second model beside the open one: it answers the same texts, at the same policy and threshold.
const second = { model: null, table: null, rows: [], texts: [], engine: null, held: null };
let besideTurn = 0; // the latest question or choice wins
const besides = el("select", {
  "aria-label": "Beside it",
  onchange: () => putBeside(besides.value),
});
const besideField = el(
  "label",
  { class: "field", hidden: true },
  el("span", {}, "Beside it"),
  besides,
);
const besideNode = el("div", { class: "beside", hidden: true });

/** Returns the models that read the same texts and tell the same labels as `model`. */
function besideChoices(offered, model) {
  const form = ({ columns, labels }) => JSON.stringify([columns, labels]);
  return offered.filter(
    (each) => each.answers && each.name !== model.name && form(each) === form(model),
  );
}
function drawBesides() {
  const choices = model.answers ? besideChoices(offered, model) : [];
  besideField.hidden = !choices.length;
  if (!choices.some((each) => each.name === second.model?.name)) second.model = null;
  show(besides, el("option", { value: "" }, "No second model"), choices.map(option));
  besides.value = second.model?.name ?? "";
}

/** Opens the model `name` beside the first, or with "" closes it. */
async function putBeside(name) {
  const mine = ++besideTurn;
  Object.assign(second, { model: null, table: null, rows: [], held: null });
  drawBeside();
  if (!name) return;
  const next = await call("model", name);
  if (mine !== besideTurn) return;
  if (next.error) return show(message, problem(next.error));
  second.model = next;
  second.table = next.table && openTable(next.table, next);
  besides.value = name;
  askBeside();
}

/** Lets the second model answer the texts that the first has answered. */
async function askBeside() {
  if (!second.model) return;
  const mine = ++besideTurn,
    wanted = texts;
  const rows = wanted.length ? await besideRows(wanted) : [];
  if (mine !== besideTurn || !second.model) return;
  [second.rows, second.texts] = [rows, wanted];
  drawBeside();
}
async function besideRows(wanted) {
  const failed = (reason) => wanted.map(() => ({ problem: `${second.model?.title}: ${reason}` }));
  if (engine === "server") {
    const answer = await call("ask", { model: second.model.name, texts: wanted });
    return answer.error ? failed(answer.error) : answer.rows;
  }
  try {
    const held = await bringBeside();
    const answers = [];
    for (const text of wanted) answers.push(await wholeRow(text, held));
    return answers;
  } catch (error) {
    return failed(`this browser cannot compute it: ${error.message}`); // texts stay here
  }
}
async function bringBeside() {
  if (second.held) return second.held;
  const files = await call("browser", second.model.name);
  if (files.error) throw new Error(files.error);
  const base = new URL(files.model, document.baseURI);
  second.engine ??= makeBrowserEngine(new URL(files.worker, document.baseURI).href, () => {});
  second.held = await second.engine.open(base.href);
  return second.held;
}

/** Returns a text's row with the answers of all exits, computed here. */
async function wholeRow(text, held) {
  const { passage: id, rows: facts } = await second.engine.begin([[text].flat()]);
  const row = { ...facts[0], where: "browser", macs: held.macs[facts[0].tokens - 1] };
  Object.assign(row, { answers: [], probabilities: [], milliseconds: [] });
  while (row.answers.length < second.model.layers.length) {
    const { logits, milliseconds } = await second.engine.advance(id);
    addExit(row, { logits: logits[0], milliseconds }, { ...held, labels: second.model.labels });
  }
  second.engine.end(id);
  return row;
}

/** Returns what is told of a text's way through a model, by what it is called. */
function besideFacts(way) {
  return {
    Answer: way.name(way.exit),
    Sure: way.regression ? "" : percent(way.sure(way.exit), 1),
    Leaves: `${leavesAfter(way.layers[way.exit])} of ${way.layers.at(-1)}`,
    MACs: counted(way.row.macs[way.exit]),
    Time: millis(way.row.milliseconds[way.exit]),
    "At full depth": way.complete ? way.name(way.last) : "not computed",
  };
}
function drawBeside() {
  besideNode.hidden = !second.model;
  if (!second.model) return show(besideNode);
  const own = rows.map((row) => (row.problem ? row : passage(row, model, table, set)));
  const other = second.rows.map((row) =>
    row.problem ? row : passage(row, second.model, second.table, set),
  );
  const answered = JSON.stringify(second.texts) === JSON.stringify(texts) && own.length > 0;
  const pair = [own[chosen], other[chosen]];
  if (!answered || pair.some((way) => !way || way.waiting))
    return show(besideNode, note(`${second.model.title}: waiting for a text.`));
  const wrong = pair.find((way) => way.problem);
  if (wrong) return show(besideNode, problem(wrong.problem));
  const facts = pair.map(besideFacts);
  const both = own.map((way, at) => [way, other[at]]).filter(([a, b]) => !a.problem && !b.problem);
  const same = both.filter(([a, b]) => a.name(a.exit) === b.name(b.exit)).length;
  show(
    besideNode,
    el(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": "Two models side by side" },
      el(
        "table",
        {},
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            el("td"),
            [model, second.model].map((each) => el("th", { scope: "col" }, each.title)),
          ),
        ),
        el(
          "tbody",
          {},
          Object.keys(facts[0])
            .filter((name) => facts.some((each) => each[name]))
            .map((name) =>
              el(
                "tr",
                {},
                el("th", { scope: "row" }, withTerms(name)),
                facts.map((each) => el("td", {}, each[name])),
              ),
            ),
        ),
      ),
    ),
    both.length > 1 && note(`The two give the same answer to ${same} of ${both.length} texts.`),
  );
}
