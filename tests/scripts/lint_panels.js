// Lints each panel's script as the app assembles it: its files joined, as one function's body. It
// reads from its input which files a panel has (the JSON of tests/scripts/panels.py).
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { Linter } from "eslint";
import globals from "globals";
import { rules } from "../../eslint.config.js";

// The arguments that Gradio runs a script with, and plotly.js, which the page loads before.
const GIVEN = ["element", "trigger", "props", "server", "upload", "watch", "Plotly"];
const config = {
  rules,
  languageOptions: {
    sourceType: "script",
    parserOptions: { ecmaFeatures: { globalReturn: true } },
    globals: { ...globals.browser, ...Object.fromEntries(GIVEN.map((name) => [name, "readonly"])) },
  },
};
const linter = new Linter();

/**
 * Returns what is wrong with a panel's script, each fault at its place in its own file.
 * @param {string[]} files
 */
function lint(files) {
  const texts = files.map((file) => readFileSync(file, "utf-8"));
  const places = texts.flatMap((text, index) =>
    text.split("\n").map((_, line) => ({ file: files[index], line: line + 1 })),
  );
  return linter
    .verify(texts.join("\n"), config)
    .map(({ line, ruleId, message }) => ({ ...places[line - 1], rule: ruleId, message }));
}

const panels = Object.values(JSON.parse(readFileSync(0, "utf-8")).panels);
const faults = new Map(); // what is printed of a fault, and the fault with the panels that have it
for (const fault of panels.flatMap(lint)) {
  const text = `${relative("", fault.file)}:${fault.line}: ${fault.message} (${fault.rule})`;
  faults.set(text, { ...fault, panels: (faults.get(text)?.panels ?? 0) + 1 });
}

/** A panel may leave a shared file's function unused; if all that have the file do, it is dead. */
function matters({ file, rule, panels: finding }) {
  const having = panels.filter((files) => files.includes(file)).length;
  return rule !== "no-unused-vars" || finding === having;
}
const shown = [...faults].filter(([, fault]) => matters(fault)).map(([text]) => text);
console.log(shown.join("\n") || `${panels.length} panels: nothing to mend.`);
process.exitCode = shown.length || !panels.length ? 1 : 0;
