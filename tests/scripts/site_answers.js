// Prints what a static site answers to views of its plane: the folder is the first argument, the
// views stand on the standard input as a JSON list.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { focused, planeState } from "../../effexplorer/site/plane.js";

const folder = process.argv[2];
const load = (path) => JSON.parse(readFileSync(join(folder, "data", `${path}.json`), "utf-8"));
const page = readFileSync(join(folder, "index.html"), "utf-8");
const site = JSON.parse(
  /<script type="application\/json" id="site">(.*?)<\/script>/s.exec(page)[1],
);

const states = [];
for (const view of JSON.parse(readFileSync(0, "utf-8"))) {
  const next = await focused(view, site, async (task, at) => load(`planes/${task}-${at}`));
  const at = site.tasks[next.task].indexOf(next.data);
  const set = load(`planes/${next.task}-${at}`);
  const figure = load(`planes/${next.task}-${at}-${next.cost}${next.seeds ? "-seeds" : ""}`);
  const path = next.selected ? load(`runs/${next.selected}`).path : null;
  states.push(planeState(next, set, figure, path));
}
process.stdout.write(JSON.stringify(states));
