// ESLint over the modules, the teacher's page and a static site's scripts. The panels' scripts share a scope with the files
// before them: tests/scripts/lint_panels.js lints each panel as the app assembles it.
import js from "@eslint/js";
import globals from "globals";

export const rules = {
  ...js.configs.recommended.rules,
  "no-unused-vars": ["error", { ignoreRestSiblings: true }],
  "no-var": "error",
  "prefer-const": ["error", { destructuring: "all" }],
  "id-denylist": ["error", "one", "found", "told"], // a name says what a thing is
  eqeqeq: ["error", "always", { null: "ignore" }],
};

export default [
  {
    ignores: ["**/.*/", "effexplorer/web/vendor/", "effexplorer/ui/!(teacher)/", "build/"],
  },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  { files: ["effexplorer/web/*.js"], rules, languageOptions: { globals: globals.worker } },
  {
    files: ["effexplorer/ui/teacher/*.js", "effexplorer/site/*.js"],
    rules,
    languageOptions: { globals: globals.browser },
  },
  {
    files: ["tests/scripts/*.js", "eslint.config.js"],
    rules,
    languageOptions: { globals: globals.node },
  },
];
