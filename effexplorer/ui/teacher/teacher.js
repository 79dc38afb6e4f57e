// The teacher's view: asks for the queue every two seconds and sends what the teacher wants.
const token = new URLSearchParams(window.location.hash.slice(1)).get("token") ?? "";
const status = document.querySelector("[role=status]");
const body = document.querySelector("tbody");
const { paused, per_owner: perOwner } = document.querySelector("form").elements;

/** @typedef {{id: string, browser: string, pipeline: string, state: string, place: number | null,
 *   now: string, waits: string}} JobRow */

/** @param {object} [command] what to do; without one the queue is only looked at */
async function ask(command) {
  const headers = { "x-teacher-token": token, "content-type": "application/json" };
  const options = command ? { method: "POST", body: JSON.stringify(command) } : {};
  try {
    const answer = await (await fetch("teacher/queue", { headers, ...options })).json();
    if (answer.error) status.textContent = answer.error;
    else draw(answer);
  } catch {
    status.textContent = "The server does not answer.";
  }
}

/** Look at the queue, and again two seconds after the answer: a slow server is not asked twice. */
async function look() {
  await ask();
  setTimeout(look, 2000);
}

/** @param {{settings: {paused: boolean, per_owner: number}, jobs: JobRow[]}} queue */
function draw({ settings, jobs }) {
  paused.checked = settings.paused;
  if (document.activeElement !== perOwner) perOwner.value = String(settings.per_owner);
  const waiting = jobs.filter((job) => job.place !== null).length;
  status.textContent = `${jobs.length - waiting} running, ${waiting} waiting.`;
  const focused = document.activeElement?.closest("tr")?.dataset.id;
  body.replaceChildren(...jobs.map(rowOf));
  if (focused) body.querySelector(`[data-id="${focused}"] button`)?.focus();
}

/** @param {JobRow} job */
function rowOf(job) {
  const row = document.createElement("tr");
  row.dataset.id = job.id;
  const state = job.state === "running" ? job.now : job.state;
  for (const text of [job.place ?? "", job.browser, job.pipeline, state, job.waits]) {
    const cell = document.createElement("td");
    cell.textContent = String(text);
    row.append(cell);
  }
  const cancel = document.createElement("button");
  cancel.textContent = "Cancel";
  cancel.setAttribute("aria-label", `Cancel ${job.pipeline}, ${job.browser}`);
  cancel.addEventListener("click", () => ask({ cancel: job.id }));
  const last = document.createElement("td");
  last.append(cancel);
  row.append(last);
  return row;
}

paused.addEventListener("change", () => ask({ settings: { paused: paused.checked } }));
perOwner.addEventListener("change", () => {
  if (perOwner.checkValidity()) ask({ settings: { per_owner: perOwner.valueAsNumber } });
});
look();
