// The Runs tab: search and filters, the table, pinned runs side by side, downloads, deletion.
const MOST = 4;
const linked = (new URLSearchParams(window.location.search).get("compare") || "")
  .split(",")
  .filter((id) => /^[0-9a-f]{12}$/.test(id));
/** @type {RunsState} */
let state = null;
let folded = false,
  pins = [...new Set(linked)].slice(0, MOST),
  comparing = pins.length > 0,
  seed = null,
  latest = "";
const known = new Map(); // rows of single runs by id

const box = el("input", {
  type: "search",
  placeholder: "Search: words, letters, seed 1, task sst2 ...",
  "aria-label": "Search the runs",
  oninput: search,
});
const tasks = el("select", { "aria-label": "Task of the runs", onchange: search });
const means = switchInput({
  onchange: () => {
    folded = means.checked;
    seed = null;
    refresh();
  },
});
const only = el("p", { class: "only", hidden: true }),
  tray = el("div", { class: "tray", hidden: true }),
  problems = el("div", { class: "problem", role: "alert" });
const table = runTable({
  open: (id) => trigger("open_run", { id }),
  pin,
  remove: askToDelete,
  show: unfold,
});
const beside = comparison({
  open: (id) => trigger("open_run", { id }),
  unpin: (id) => setPins(pins.filter((pin) => pin !== id)),
  close: () => setComparing(false),
  link,
});
const dialog = el("dialog", { class: "ask", "aria-labelledby": "fx-runs-ask" });
const download = (kind, label) =>
  el(
    "button",
    {
      type: "button",
      title: `Every stage of every run as ${label}`,
      "aria-label": `Download ${label} of all runs`,
      onclick: (event) => save(kind, event.currentTarget),
    },
    icon("M8 2.5v7M5 7l3 3 3-3M3 13h10"),
    label,
  );

function warn(text) {
  show(problems, text && icon(ICONS.warn), text && el("span", {}, text));
}

async function refresh() {
  const next = await call("runs", { owner: owner(), folded });
  if (next.error) return warn(next.error);
  const same = JSON.stringify([folded, next]);
  if (same === latest) return;
  [latest, state] = [same, next];
  if (!folded) for (const row of state.rows) known.set(row.ids[0], row);
  const task = tasks.value;
  show(
    tasks,
    el("option", { value: "" }, "All tasks"),
    state.tasks.map(([, title]) => el("option", { value: title, selected: title === task }, title)),
  );
  warn(
    state.problems.length
      ? state.problems.slice(0, 3).join(" ") +
          (state.problems.length > 3 ? ` And ${state.problems.length - 3} more.` : "")
      : "",
  );
  table.set(state.rows, folded);
  search();
  drawTray();
}
function search() {
  only.hidden = !seed;
  if (seed)
    show(
      only,
      el("span", {}, `Only the ${seed.ids.length} seeds of ${seed.letters}`),
      el(
        "button",
        {
          type: "button",
          class: "small",
          onclick: () => {
            seed = null;
            search();
            box.focus();
          },
        },
        "Show all",
      ),
    );
  table.search({ typed: box.value, task: tasks.value, ids: seed && seed.ids });
}
function unfold(row) {
  [seed, folded, means.checked] = [row, false, false];
  refresh();
}

function pin(row, on) {
  setPins(on ? [...pins, row.ids[0]].slice(0, MOST) : pins.filter((pin) => pin !== row.ids[0]));
}
function setPins(next) {
  pins = next;
  if (!pins.length) comparing = false;
  drawTray();
  if (comparing) compare();
  else setComparing(false);
}
function drawTray() {
  table.pin(pins, MOST);
  tray.hidden = !pins.length;
  show(
    tray,
    el("span", { class: "quiet" }, `Pinned, ${pins.length} of ${MOST}:`),
    pins.map((id) =>
      el(
        "span",
        { class: "pinned-run" },
        known.has(id) && swatch(known.get(id).mark),
        known.get(id)?.letters || id,
        el(
          "button",
          {
            type: "button",
            class: "icon-only small",
            "aria-label": `Unpin ${known.get(id)?.letters || id}`,
            onclick: () => setPins(pins.filter((pin) => pin !== id)),
          },
          icon(ICONS.close),
        ),
      ),
    ),
    el(
      "button",
      {
        type: "button",
        class: "primary",
        disabled: pins.length < 2,
        onclick: () => setComparing(true),
      },
      pins.length < 2 ? "Pin one more to compare" : "Compare side by side",
    ),
    el("button", { type: "button", class: "ghost", onclick: () => setPins([]) }, "Clear"),
  );
}
let asking = 0;
async function compare() {
  const mine = ++asking;
  remember(null);
  if (pins.length) history.replaceState(history.state, "", link());
  const next = await call("compare", pins);
  if (mine !== asking || !comparing) return;
  if (next.error) return warn(next.error);
  beside.node.hidden = false;
  beside.draw(next);
}
async function setComparing(on) {
  comparing = on;
  if (!on) {
    asking += 1;
    const back = !beside.node.hidden && beside.node.contains(document.activeElement);
    if (!beside.node.hidden) history.replaceState(history.state, "", address(null));
    beside.node.hidden = true;
    if (back) box.focus();
    return;
  }
  await compare();
  beside.node.scrollIntoView({
    block: "start",
    behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth",
  });
  beside.node.querySelector("h2").focus({ preventScroll: true });
}
function link() {
  const url = address(null);
  url.searchParams.set("compare", pins.join(","));
  return url.href.replaceAll("%2C", ",");
}

async function save(kind, button) {
  button.disabled = true;
  const file = await call("written", kind);
  button.disabled = false;
  if (file.error) return warn(file.error);
  saveFile(file);
}

function askToDelete(row, button) {
  const what = `${row.letters} on ${row.task}, ${row.which}`;
  const close = () => {
    dialog.close();
    button.isConnected && button.focus();
  };
  const away = el(
    "button",
    { type: "button", class: "danger", onclick: () => erase(row.ids[0]) },
    "Delete",
  );
  show(
    dialog,
    el("h2", { id: "fx-runs-ask" }, row.refused ? "This run stays" : `Delete ${what}?`),
    el(
      "p",
      {},
      (row.refused && state.refusal.replace("ID", row.ids[0])) ||
        "Its record and its exit table are removed from this machine, for everyone who uses " +
          "it. To have it back, it must be run again.",
    ),
    el(
      "div",
      { class: "actions" },
      !row.refused && away,
      el("button", { type: "button", onclick: close }, row.refused ? "Close" : "Keep it"),
    ),
  );
  dialog.showModal();
  dialog.querySelector(".actions button:last-child").focus();
}
async function erase(id) {
  const done = await call("delete", { id, owner: owner() });
  dialog.close();
  await refresh();
  if (done.error) return warn(done.error);
  known.delete(id);
  if (pins.includes(id)) setPins(pins.filter((pin) => pin !== id));
  document.dispatchEvent(new CustomEvent("effexplorer-deleted", { detail: id }));
  box.focus();
}

show(
  root,
  beside.node,
  el(
    "section",
    { class: "card list", "aria-label": "Runs" },
    el(
      "form",
      {
        class: "tools",
        "aria-label": "Search and filters of the runs",
        onsubmit: (event) => event.preventDefault(),
      },
      box,
      tasks,
      switchOf("Mean over seeds", means),
      el("div", { class: "actions" }, download("csv", "CSV"), download("json", "JSON")),
    ),
    tray,
    only,
    problems,
    table.node,
  ),
  dialog,
);
whenSeen(root, refresh);
if (comparing) setComparing(true);
