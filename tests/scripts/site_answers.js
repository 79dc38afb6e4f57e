// Prints what a static site answers to views of its plane: the folder is the first argument, the
// views stand on the standard input as a JSON list.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { answerView } from "../../effexplorer/site/plane.js";

const folder = process.argv[2];
const page = readFileSync(join(folder, "index.html"), "utf-8");
const site = JSON.parse(
  /<script type="application\/json" id="site">(.*?)<\/script>/s.exec(page)[1],
);
const load = async (path) =>
  JSON.parse(readFileSync(join(folder, "data", `${path}.json`), "utf-8"));

const answers = [];
for (const view of JSON.parse(readFileSync(0, "utf-8")))
  answers.push(await answerView(view, site, load));
process.stdout.write(JSON.stringify(answers));
