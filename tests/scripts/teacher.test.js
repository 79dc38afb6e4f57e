import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const SCRIPT = new URL("../../effexplorer/ui/teacher/teacher.js", import.meta.url);

/** Return an element that takes whatever is done to it. */
const element = () => ({ addEventListener() {}, replaceChildren() {} });

test("the queue is looked at again only after the last look was answered", async () => {
  const answers = [];
  const timers = [];
  const form = { ...element(), elements: { paused: element(), per_owner: element() } };
  const page = {
    document: { querySelector: (name) => (name === "form" ? form : element()) },
    window: { location: { hash: "" } },
    URLSearchParams,
    fetch: () => new Promise((answer) => answers.push(answer)),
    setTimeout: (call) => timers.push(call),
    setInterval: (call) => timers.push(call),
  };
  vm.runInNewContext(readFileSync(SCRIPT, "utf8"), page);
  assert.deepEqual([answers.length, timers.length], [1, 0]);
  const queue = { settings: { paused: false, per_owner: 4 }, jobs: [] };
  answers[0]({ json: async () => queue });
  await new Promise(setImmediate);
  assert.deepEqual([answers.length, timers.length], [1, 1]);
  timers[0]();
  assert.deepEqual([answers.length, timers.length], [2, 1]);
});
