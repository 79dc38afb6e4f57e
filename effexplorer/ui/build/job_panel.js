// The watched job: place in the queue, progress, stages as they are measured, how it ended.
const TITLES = {
  queued: "Waiting",
  running: "Running",
  cancelling: "Stopping",
  done: "Finished",
  failed: "Failed",
  cancelled: "Cancelled",
};
let latest = "",
  since = 0,
  job = null;

function sparkline(points) {
  if (points.length < 3) return null;
  const xs = points.map(([x]) => x),
    ys = points.map(([, y]) => y);
  const [left, right, low, high] = [
    Math.min(...xs),
    Math.max(...xs),
    Math.min(...ys),
    Math.max(...ys),
  ];
  const path = points
    .map(
      ([x, y], index) =>
        `${index ? "L" : "M"}${(((x - left) / (right - left || 1)) * 236 + 2).toFixed(1)} ` +
        `${(46 - ((y - low) / (high - low || 1)) * 42).toFixed(1)}`,
    )
    .join("");
  return el(
    "figure",
    { class: "loss" },
    el("figcaption", {}, "Training loss", el("strong", {}, ys[ys.length - 1].toFixed(3))),
    svg(
      "svg",
      {
        viewBox: "0 0 240 50",
        preserveAspectRatio: "none",
        role: "img",
        "aria-label": `Training loss, from ${ys[0].toFixed(2)} to ${ys[ys.length - 1].toFixed(2)}`,
      },
      svg("path", {
        d: path,
        fill: "none",
        stroke: "var(--fx-accent)",
        "stroke-width": 1.5,
        "vector-effect": "non-scaling-stroke",
      }),
    ),
  );
}
const MARKS = { done: ICONS.check, reused: ICONS.check };
const stageRow = (running) => (stage) =>
  el(
    "li",
    { class: stage.state, "aria-current": stage.state === "now" ? "step" : null },
    el("span", { class: "dot" }, MARKS[stage.state] && icon(MARKS[stage.state])),
    el(
      "span",
      { class: "stage-name" },
      stage.step,
      stage.state === "reused" && el("span", { class: "tag" }, "reused"),
    ),
    stage.cells.length
      ? el(
          "span",
          { class: "cells" },
          stage.cells.map((cell) => el("span", {}, cell)),
        )
      : el("span", { class: "cells quiet" }, running && stage.state === "now" ? "in progress" : ""),
  );

function idle() {
  show(
    root,
    el(
      "section",
      { class: "card idle" },
      el("h2", {}, "Run"),
      el("p", {}, "Nothing is running in this tab."),
      el(
        "ol",
        {},
        el("li", {}, "Choose a preset, or drag operators into an order."),
        el(
          "li",
          {},
          "Press Run. Every stage is trained, then measured: score, size, MACs, latency.",
        ),
        el("li", {}, "The finished run lands on the plane, with its path from the dense model."),
      ),
      el(
        "p",
        { class: "quiet" },
        "A run goes on when you close this tab: its link finds it again. Who asks for the same pipeline joins it.",
      ),
    ),
  );
}
// Each part is drawn again only when what it shows has changed: a button under the pointer stays.
const parts = new Map();
function part(name, key, make) {
  const [node, drawn] = parts.get(name) || [el("div", { class: name }), null];
  const now = JSON.stringify(key);
  if (now !== drawn) show(node, make());
  parts.set(name, [node, now]);
  return node;
}
let ahead = 0; // seconds that the server's clock is ahead of this one's
const serverNow = () => Date.now() / 1000 + ahead;
setInterval(() => {
  if (!job || !root.checkVisibility() || document.hidden) return;
  const text = root.querySelector(".clock .time");
  const now = clockOf(job, serverNow());
  if (text && text.textContent !== now) text.textContent = now;
}, 1000);

function receive() {
  /** @type {JobState} */
  const next = plain(props.value);
  if (!next) return idle();
  if ((next.since || 0) < since) return; // of the run before, told too late
  since = next.since || 0;
  job = next;
  if (job.time) ahead = job.time - Date.now() / 1000;
  draw();
}
function draw() {
  if (job.mine) localStorage.setItem(mineKey(job.id), "1");
  const mine = localStorage.getItem(mineKey(job.id));
  const active = ["queued", "running"].includes(job.state);
  if (job.id !== latest) remember((latest = job.id));
  if (job.state === "done") document.dispatchEvent(new CustomEvent("effexplorer-finished"));
  const percent = job.state === "done" ? 100 : Math.floor(job.fraction * 100);
  const clock = clockOf(job, serverNow());
  const before = job.place > 1 ? `${job.place - 1} before it in the queue` : "next in the queue";
  const waiting = job.waits ? `${before}, starts in about ${job.waits}` : before;
  const headline = !active
    ? TITLES[job.state]
    : job.state === "queued"
      ? waiting
      : job.now || "starting: loading the model and the data";
  const all = [
    part("title", [job.letters, job.subtitle, job.state], () => [
      el(
        "div",
        {},
        el("h2", {}, job.letters && swatch(job.mark), job.letters || "Run"),
        el("p", {}, job.subtitle),
      ),
      el("span", { class: `state ${job.state}`, role: "status" }, TITLES[job.state]),
    ]),
    part("progress", percent, () => [
      el(
        "div",
        {
          class: "bar",
          role: "progressbar",
          "aria-label": "Progress",
          "aria-valuemin": "0",
          "aria-valuemax": "100",
          "aria-valuenow": String(percent),
        },
        el("span", { style: `width: ${percent}%` }),
      ),
    ]),
    part("clock", [headline, clock], () => [
      el("span", {}, headline),
      el("span", { class: "time" }, clock),
    ]),
    part("detail", [job.detail, active], () => [
      active && el("span", { title: job.detail }, job.detail || "\u00a0"),
    ]),
    part("failure", [job.failure, job.silent], () =>
      [job.failure, job.silent]
        .filter(Boolean)
        .map((text) =>
          el("p", { class: "problem", role: "alert" }, icon(ICONS.warn), el("span", {}, text)),
        ),
    ),
    part("planned", [job.stages, job.state], () => [
      el("ol", { class: "stage-list" }, job.stages.map(stageRow(job.state === "running"))),
    ]),
    part("losses", job.losses, () => [sparkline(job.losses)]),
    part("said", job.notes, () => [
      job.notes.length > 0 &&
        el(
          "ul",
          { class: "notes" },
          job.notes.map((text) => el("li", {}, icon(ICONS.info), el("span", {}, text))),
        ),
    ]),
    part("actions", [job.id, job.state, mine], () => [
      job.state === "done" &&
        el(
          "button",
          { type: "button", class: "primary", onclick: () => trigger("show_run", { id: job.id }) },
          icon(ICONS.check),
          "Show on the plane",
        ),
      ["failed", "cancelled"].includes(job.state) &&
        job.pipeline &&
        el(
          "button",
          { type: "button", class: "primary", onclick: retry },
          icon(ICONS.play),
          "Retry",
        ),
      active &&
        mine &&
        el(
          "button",
          { type: "button", onclick: () => trigger("cancel_run", { id: job.id, owner: owner() }) },
          icon(ICONS.close),
          "Cancel",
        ),
      active &&
        !mine &&
        el("span", { class: "quiet" }, "Started in another browser, which alone can cancel it."),
      el(
        "button",
        { type: "button", onclick: (event) => copy(address(job.id).href, event.currentTarget) },
        icon(ICONS.link),
        el("span", { class: "label", "aria-live": "polite" }, "Copy link"),
      ),
    ]),
  ];
  const card =
    root.querySelector(".job") || el("section", { "aria-label": "Run in progress" }, all);
  card.className = `card job ${job.state}`;
  if (!card.isConnected) show(root, card);
}
const retry = () => trigger("start_run", { pipeline: job.pipeline, owner: owner() });
watch("value", receive);
receive();
