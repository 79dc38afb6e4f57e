// Checks the types of each panel's script as the app assembles it, and of the modules. It reads from
// its input which files a panel has and what it is sent (the JSON of tests/scripts/panels.py).
import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import ts from "typescript";

const MODULES = ["effexplorer/web/exit_worker.js", "effexplorer/site/site.js"];
const OPTIONS = {
  allowJs: true,
  checkJs: true,
  noEmit: true,
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ["lib.esnext.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
  types: [],
};
// The page's elements are looked for by a selector, which does not tell their kind.
const PAGE = `
declare const Plotly: any;
interface Window { effexplorerPlotly?: any; effexplorerPanels?: any }
interface ParentNode { querySelector(selector: string): any; querySelectorAll(selector: string): any }
interface Event { detail?: any; key?: any }
interface Document { readonly activeElement: any }
`;
const GIVEN = ["element", "props", "trigger", "watch", "server", "upload"];

const { panels, types } = JSON.parse(readFileSync(0, "utf-8"));
const virtual = new Map([[resolve("page.d.ts"), `${PAGE}\n${types}`]]);
const places = new Map(); // by a joined script, the file and line that each of its lines is of
for (const [name, files] of Object.entries(panels)) {
  const given = GIVEN.map((each) => `@param {any} ${each}`).join(" ");
  const head = `/** ${given} */ export default function (${GIVEN.join(", ")}) {`;
  const texts = files.map((file) => readFileSync(file, "utf-8"));
  const path = resolve(`${name}.panel.js`);
  virtual.set(path, [head, ...texts, "}"].join("\n"));
  const lines = texts.flatMap((text, at) =>
    text.split("\n").map((_, line) => ({ file: files[at], line: line + 1 })),
  );
  places.set(path, [{ file: name, line: 0 }, ...lines]);
}

const host = ts.createCompilerHost(OPTIONS);
const { fileExists, readFile, getSourceFile } = host;
host.fileExists = (path) => virtual.has(path) || fileExists(path);
host.readFile = (path) => virtual.get(path) ?? readFile(path);
host.getSourceFile = (path, version, ...rest) => {
  if (path.includes("/vendor/")) return ts.createSourceFile(path, STUB, version);
  const text = virtual.get(path);
  return text === undefined
    ? getSourceFile(path, version, ...rest)
    : ts.createSourceFile(path, text, version);
};
// What others wrote is not checked.
const STUB =
  "// @ts-nocheck\nexport const env = {}, Tensor = null, InferenceSession = null, Tokenizer = null;";

const program = ts.createProgram(
  [...virtual.keys(), ...MODULES.map((path) => resolve(path))],
  OPTIONS,
  host,
);
const faults = new Set();
for (const { file, start, messageText } of ts.getPreEmitDiagnostics(program)) {
  const message = ts.flattenDiagnosticMessageText(messageText, " ");
  const line = file ? file.getLineAndCharacterOfPosition(start).line : 0;
  const place = places.get(file?.fileName)?.[line] ?? {
    file: file?.fileName ?? "",
    line: line + 1,
  };
  faults.add(`${relative("", place.file)}:${place.line}: ${message}`);
}
console.log([...faults].join("\n") || `${Object.keys(panels).length} panels: no type is wrong.`);
process.exitCode = faults.size ? 1 : 0;
