// Add your data: a file of labelled texts is brought, looked at, and made a task like any other.
const OWN = "own-data";
const ownAddress = (path) => new URL(path, new URL(".", window.location.href)).href;
const OWN_FIELDS = [
  ["text", "Text"],
  ["pair", "Second text"],
  ["label", "Label"],
];

const cellsOf = (cells, options) => cells.map((cell) => el("td", options, cell));
async function askOwn(path, body, headers = { "content-type": "application/json" }) {
  owner(); // so that the request carries the browser's cookie
  try {
    const options = body === undefined ? {} : { method: "POST", body, headers };
    return await (await fetch(ownAddress(path), options)).json();
  } catch {
    return { error: "The app does not answer. Try again in a minute." };
  }
}

/**
 * Returns the button that opens the form.
 * @param {(task: string | null) => void} changed is told of a new task, or of one that left
 */
function ownDataButton(changed) {
  const status = el("p", { class: "status", role: "status" });
  const body = el("div", { class: "own-body" });
  const title = el("h2", { id: "fx-own-title" }, "Add your data");
  const close = el(
    "button",
    { type: "button", class: "icon-only", "aria-label": "Close", onclick: () => box.close() },
    icon(ICONS.close),
  );
  const box = el(
    "dialog",
    { class: "own-data", "aria-labelledby": "fx-own-title" },
    el("header", {}, title, close),
    body,
    status,
  );
  root.append(box);
  let about = null;
  let wishes = {};
  let sequence = 0;

  async function open() {
    status.textContent = "";
    wishes = {};
    show(body, el("p", { class: "quiet" }, "One moment…"));
    box.showModal();
    about = await askOwn(OWN);
    const refusal = about.error || about.refusal;
    if (refusal) return show(body, el("p", { class: "problem" }, refusal));
    drawChoice();
  }

  // ---- choosing a file
  function drawChoice() {
    const input = el("input", {
      type: "file",
      id: "fx-own-file",
      accept: about.suffixes.join(","),
      onchange: (event) => event.target.files[0] && bring(event.target.files[0]),
    });
    const zone = el(
      "label",
      { class: "drop", for: "fx-own-file" },
      el("strong", {}, "Drop a file of labelled texts here, or choose one"),
      el(
        "span",
        {},
        `${about.suffixes.join(", ")}; at most ${about.max_bytes / 1024 ** 2} MB; a line that ` +
          "names the columns, then a text and its label in each row.",
      ),
      input,
    );
    zone.addEventListener("dragover", (event) => event.preventDefault());
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files[0]) bring(event.dataTransfer.files[0]);
    });
    show(body, zone, about.tasks.length > 0 && ownTasks());
  }
  const ownTasks = () =>
    el(
      "section",
      {},
      el("h3", {}, "Added before"),
      el(
        "ul",
        { class: "own-tasks" },
        about.tasks.map((task) =>
          el(
            "li",
            {},
            el("span", {}, task),
            el(
              "button",
              { type: "button", class: "small", onclick: () => leave(task) },
              `Remove ${task}`,
            ),
          ),
        ),
      ),
    );
  async function leave(task) {
    const answer = await askOwn(`${OWN}/remove`, JSON.stringify({ task }));
    status.textContent = answer.error || `${task} was removed. Its runs stay.`;
    if (answer.error) return;
    about.tasks = about.tasks.filter((each) => each !== task);
    drawChoice();
    changed(null);
  }
  async function bring(file) {
    status.textContent = `${file.name} is being read…`;
    if (file.size > about.max_bytes) {
      status.textContent =
        `own data: must have at most ${about.max_bytes / 1024 ** 2} MB; got ` +
        `${(file.size / 1024 ** 2).toFixed(1)} MB. The command task add takes larger files.`;
      return;
    }
    wishes = {}; // those for an earlier file are not meant for this one
    const mine = ++sequence;
    const path = `${OWN}/file?name=${encodeURIComponent(file.name)}`;
    const reply = await askOwn(path, file, { "content-type": "application/octet-stream" });
    if (mine === sequence) take(reply);
  }
  async function lookAgain() {
    status.textContent = "Looking again…";
    const mine = ++sequence;
    const reply = await askOwn(`${OWN}/look`, JSON.stringify(wishes));
    if (mine === sequence) take(reply);
  }
  function take(reply) {
    status.textContent = "";
    if (!reply.columns) {
      status.textContent = reply.error;
      return;
    }
    const name = reply.name.replace(/\.[^.]*$/, "").toLowerCase();
    wishes = {
      task: name.replace(/[^a-z0-9_-]+/g, "-").slice(0, 40),
      metric: "",
      max_length: 128,
      skip_bad_rows: false,
      ...wishes,
      ...(reply.chosen || {}),
      file: reply.file,
    };
    drawFound(reply);
  }

  // ---- what was found in it
  const select = (name, options) =>
    el(
      "select",
      {
        onchange: (event) => {
          wishes[name] = event.target.value;
          lookAgain();
        },
      },
      options.map(([id, text]) =>
        el("option", { value: id, selected: id === (wishes[name] || "") }, text),
      ),
    );
  function drawFound(reply) {
    const columns = reply.columns.map((name) => [name, name]);
    const none = { pair: "none", text: "choose", label: "choose" };
    const name = el("input", {
      type: "text",
      value: wishes.task,
      maxlength: 40,
      oninput: (event) => (wishes.task = event.target.value),
    });
    const length = el("input", {
      type: "number",
      min: 8,
      max: 512,
      value: wishes.max_length,
      onchange: (event) => {
        wishes.max_length = Number(event.target.value) || 128;
        lookAgain();
      },
    });
    const metrics = Object.entries(about.metrics);
    show(
      body,
      el("p", {}, el("strong", {}, reply.name), `, ${reply.total.toLocaleString("en")} rows`),
      el(
        "div",
        { class: "own-fields" },
        OWN_FIELDS.map(([field_, label]) =>
          setupField(
            label,
            select(field_, [["", none[field_]], ...columns]),
            null,
            `fx-own-${field_}`,
          ),
        ),
        setupField(
          "Score",
          select("metric", [["", "by the labels"], ...metrics]),
          null,
          "fx-own-metric",
        ),
        setupField("Longest text", length, "word pieces", "fx-own-length"),
        setupField("Name of the task", name, "a-z, 0-9, - and _", "fx-own-name"),
      ),
      reply.error && el("p", { class: "problem" }, reply.error),
      rowsOf(reply),
      reply.counts?.length > 0 && countsOf(reply),
      reply.parts &&
        el(
          "p",
          { class: "quiet" },
          `${reply.parts[0].toLocaleString("en")} rows to train on, ` +
            `${reply.parts[1].toLocaleString("en")} to measure on; the score is ${reply.metric}.`,
        ),
      reply.notes.map((note) => el("p", { class: "quiet" }, note)),
      problemsOf(reply),
      el(
        "div",
        { class: "actions" },
        el(
          "button",
          { type: "button", class: "primary add-task", disabled: !reply.parts, onclick: add },
          "Add the task",
        ),
        el("button", { type: "button", onclick: drawChoice }, "Choose another file"),
      ),
    );
  }
  const tableOf = (label, heads, rows) =>
    el(
      "div",
      { class: "own-table", tabindex: 0, role: "region", "aria-label": label },
      el(
        "table",
        {},
        headRow(heads, () => false),
        el("tbody", {}, rows),
      ),
    );
  const rowsOf = (reply) =>
    tableOf(
      "The first ten rows",
      reply.shown,
      reply.rows.map((row) => el("tr", {}, cellsOf(row))),
    );
  const countsOf = (reply) =>
    tableOf(
      "Rows of each label",
      ["label", "to train on", "to measure on"],
      reply.counts.map(([label, ...counts]) =>
        el(
          "tr",
          {},
          el("th", { scope: "row" }, label),
          cellsOf(counts.map(String), { class: "number" }),
        ),
      ),
    );
  function problemsOf({ problems = [], bad_rows: bad = 0 }) {
    if (!bad) return null;
    const skip = el("input", {
      type: "checkbox",
      id: "fx-own-skip",
      checked: wishes.skip_bad_rows,
      onchange: (event) => (wishes.skip_bad_rows = event.target.checked),
    });
    const more = bad - problems.length;
    return el(
      "section",
      { class: "own-problems" },
      el("h3", {}, `${bad} ${bad === 1 ? "row has" : "rows have"} a problem`),
      el(
        "ul",
        {},
        problems.map((problem) => el("li", {}, problem)),
        more > 0 && el("li", {}, `and ${more} more`),
      ),
      switchOf("Leave them out", skip),
    );
  }
  async function add() {
    status.textContent = "The task is being added…";
    const answer = await askOwn(`${OWN}/task`, JSON.stringify(wishes));
    status.textContent = answer.error || "";
    if (answer.error) return;
    box.close();
    changed(answer.task);
  }

  return el(
    "button",
    { type: "button", class: "small own-data-button", onclick: open },
    icon(ICONS.plus),
    "Add your data",
  );
}
