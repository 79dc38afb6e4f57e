// Opens a panel's files for a test. They are no modules: the app joins them into one function.
import { readFileSync } from "node:fs";
import { compileFunction } from "node:vm";

const UI = new URL("../../effexplorer/ui/", import.meta.url);

/**
 * Returns what a file of `ui/` defines under these names.
 * @param {string} file such as "exits/math"
 * @param {string[]} names
 * @returns {Record<string, any>}
 */
export function load(file, names) {
  const text = readFileSync(new URL(`${file}.js`, UI), "utf-8");
  return compileFunction(`${text}\nreturn { ${names.join(", ")} };`, [], { filename: file })();
}
