// Typed texts and where they are answered: in this browser once it holds the model, until then from
// the examples' stored answers or by the server. The latest texts win; one question is under way.
const ENGINES = { browser: "This browser", server: "The server" };
let engine = asked.get("engine") === "server" ? "server" : "browser";
let hasServer = true; // a static site has none
let bringing = null; // the promise that this browser holds the model, or cannot
let browserEngine = null; // the worker, started once
let inBrowser = null; // what the browser holds of the model: its name, and its costs by word pieces
let stored = new Map(); // the examples' answers, by text
let typedLabels = []; // of the lines as they stand in the box, where each has one
let meant = []; // the labels of the texts that were answered, by number
let typing = 0;
let busy = false;
let again = false;
const soon = () => {
  clearTimeout(typing);
  typing = setTimeout(ask, 250);
};
function typed() {
  const parts = [...boxes.querySelectorAll("textarea")].map((box) =>
    box.value.split("\n").filter((line) => line.trim()),
  );
  refused = "";
  const list =
    parts.length === 1 && model.labels.length ? readLabelled(parts[0], model.labels) : null;
  typedLabels = list ? list.meant : [];
  if (list) parts[0] = list.texts;
  const most = engine === "browser" && inBrowser?.name === model.name ? MOST_HERE : mostLines;
  if (list?.problem) refused = list.problem;
  else if (parts.some((part) => !part.length))
    refused = parts.some((part) => part.length) ? "A pair needs both texts." : "";
  else if (parts.some((part) => part.length !== parts[0].length))
    refused = `Both boxes need as many lines; got ${parts.map((part) => part.length).join(" and ")}.`;
  else if (parts[0].length > most)
    refused = `At most ${most} lines are asked at once; got ${parts[0].length}.`;
  else
    return parts.length === 1
      ? parts[0]
      : parts[0].map((line, index) => parts.map((part) => part[index]));
  return [];
}
async function ask() {
  clearTimeout(typing);
  if (busy) {
    again = true;
    return;
  }
  const wanted = typed();
  const labels = typedLabels;
  const from = model;
  if (!wanted.length || !from.answers) return answered(wanted, [], []);
  busy = true;
  follow();
  const given = await answersOfTexts(wanted);
  busy = false;
  if (again || from !== model) {
    again = false;
    return ask();
  }
  answered(wanted, given, labels);
}

/** Returns a row for each text; what went wrong with all of them stands in `refused`. */
async function answersOfTexts(wanted) {
  if (engine === "browser") {
    if (inBrowser?.name === model.name) return Promise.all(wanted.map(answerHere));
    const known = wanted.map((text) => stored.get(JSON.stringify([text].flat())));
    if (known.every(Boolean)) return known;
  }
  if (!hasServer) {
    show(message, note("The model is being loaded into this browser, then it answers."));
    await bringing;
    if (inBrowser?.name === model.name) return Promise.all(wanted.map(answerHere));
  }
  const slow = setTimeout(
    () => show(message, note("Opening the model. The first text takes some seconds.")),
    600,
  );
  const answer = await call("ask", { model: model.name, texts: wanted });
  clearTimeout(slow);
  if (answer.error) refused = answer.error;
  return (answer.rows || []).map((row) => ({ ...row, where: "server" }));
}

/** Returns the row of a text that this browser computes, up to the exit where it leaves. */
async function answerHere(text) {
  try {
    const { passage: id, rows: facts } = await browserEngine.begin([[text].flat()]);
    const [{ tokens }] = facts;
    const row = { ...facts[0], id, where: "browser", macs: inBrowser.macs[tokens - 1] };
    Object.assign(row, { answers: [], probabilities: [], milliseconds: [] });
    await computeOn(row);
    return row;
  } catch (error) {
    return { problem: error.message };
  }
}

/** Computes the exits of a row that are wanted and not there yet; nothing behind them. */
async function computeOn(row) {
  const wanted = () =>
    row.answers.length < model.layers.length &&
    (compare.checked ||
      typedLabels.length ||
      !row.answers.length ||
      passage(row, model, table, set).waiting);
  while (wanted()) {
    const { logits, milliseconds } = await browserEngine.advance(row.id);
    addExit(row, { logits: logits[0], milliseconds }, { ...inBrowser, labels: model.labels });
  }
}

/** Goes on with rows that do not leave where they stand any more, since the slider has moved. */
let goingOn = false;
async function goOn() {
  if (goingOn || busy) return;
  goingOn = true;
  try {
    for (const row of rows.filter((each) => each.where === "browser")) await computeOn(row);
  } catch {
    // The worker holds another model by now, and its answers are on their way.
  }
  goingOn = false;
  followTexts();
}

function answered(wanted, given, labels) {
  for (const row of rows) if (row.where === "browser") browserEngine.end(row.id);
  [texts, rows, meant] = [wanted, given, labels];
  asking++;
  chosen = Math.min(chosen, Math.max(rows.length - 1, 0));
  show(message, refused && problem(refused));
  follow();
  askBeside();
}

/** Brings the model into this browser; until it is there, and where it cannot be, others answer. */
async function bringHere() {
  const from = model;
  show(place, enginePlace());
  if (engine !== "browser" || !from.answers || inBrowser?.name === from.name) return;
  [inBrowser, stored] = [null, new Map()];
  const files = await call("browser", from.name);
  if (from !== model) return;
  if (files.error) return stayOnServer(files.error);
  const base = new URL(files.model, document.baseURI);
  try {
    const known = await (await fetch(new URL("examples.json", base))).json();
    if (from !== model) return;
    stored = new Map(known.map(({ texts, row }) => [JSON.stringify(texts), row]));
    browserEngine ??= makeBrowserEngine(new URL(files.worker, document.baseURI).href, onProgress);
    const opened = await browserEngine.open(base.href);
    if (from !== model) return;
    inBrowser = { name: from.name, ...opened };
    show(place, enginePlace());
  } catch (error) {
    if (from === model) stayOnServer(`This browser cannot compute the model: ${error.message}`);
  }
}
function stayOnServer(reason) {
  if (hasServer) engine = "server";
  show(place, enginePlace(reason));
}
function onProgress({ loaded, total }) {
  if (inBrowser) return;
  const share = `${(loaded / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB`;
  write(place.querySelector("output") || el("output"), `Loading it into this browser: ${share}.`);
}

/** Returns the choice of where texts are computed, and a sentence on how things stand. */
function enginePlace(reason) {
  const state =
    reason ||
    (engine === "server"
      ? "Texts go to the server."
      : inBrowser
        ? "Texts stay in this browser, on one thread; layers behind the exit are not computed."
        : "Loading it into this browser; until then " +
          `${hasServer ? "the server answers" : "the examples can be tried"}.`);
  return [
    hasServer &&
      segments(
        "engine",
        el("legend", {}, "Computed by"),
        Object.entries(ENGINES),
        engine,
        (name) => {
          engine = name;
          bringing = bringHere();
          ask();
        },
      ),
    el("output", { class: "quiet" }, state),
  ];
}
