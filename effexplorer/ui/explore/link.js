// The plane's filters in the page's address, so that a link shows what its sender saw, and Back and
// Forward go through what was looked at.
const IN_LINK = {
  task: "explore",
  data: "trained",
  model: "of",
  cost: "axis",
  match: "match",
  question: "question",
  counted: "counted",
};
const SWITCHES = ["log", "seeds", "published"];
const USUAL = { model: "", cost: "bytes", match: "all", question: "best", counted: "macs" };

/**
 * Returns the filters that an address names; what it does not name is as usual.
 * @param {URLSearchParams} asked
 */
function viewOfLink(asked) {
  const named = Object.entries(IN_LINK).map(([name, key]) => [name, asked.get(key) ?? USUAL[name]]);
  const switches = SWITCHES.map((name) => [name, asked.has(name)]);
  const bound = asked.get("bound");
  return {
    ...Object.fromEntries([...named, ...switches].filter(([, value]) => value !== undefined)),
    operators: asked.get("with")?.split(",") ?? [],
    bound: bound && Number.isFinite(Number(bound)) ? Number(bound) : null,
    selected: asked.get("run") ?? "",
  };
}

/**
 * Writes the filters of `view` into `url`, those that are as usual left out.
 * @param {URL} url
 */
function putView(url, view) {
  const set = (key, value) =>
    value ? url.searchParams.set(key, value) : url.searchParams.delete(key);
  for (const [name, key] of Object.entries(IN_LINK))
    set(key, view[name] === USUAL[name] ? "" : view[name]);
  for (const name of SWITCHES) set(name, view[name] ? "1" : "");
  set("with", view.operators.join(","));
  set("bound", view.bound === null ? "" : String(view.bound));
  return url;
}
