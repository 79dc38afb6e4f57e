// The Orders tab of a static site: the answers to its choices lie in files, one for each set of
// operators.

/**
 * Returns the file of the set that a choice is about; what the choice leaves open is the set with
 * most runs. `sets` have most runs first. Null where no such set is published.
 * @param {{model?: string, task?: string, setting?: string, operators?: string[]}} choice
 * @param {{choice: object, file: string}[]} sets
 */
export function fileOf(choice, sets) {
  const { model, task, setting = "", operators = [] } = choice;
  const alike = sets.filter(
    (set) =>
      ["", undefined, set.choice.model].includes(model) && (!task || set.choice.task === task),
  );
  const sameData = alike.filter((set) => set.choice.setting.startsWith(setting));
  const fitting = sameData.length ? sameData : alike;
  if (!operators.length) return fitting[0]?.file ?? null;
  const wanted = JSON.stringify([...operators].sort());
  const known = fitting.find((set) => JSON.stringify([...set.choice.operators].sort()) === wanted);
  return known?.file ?? null;
}

/** Returns the tab's state of a set by one cost, early or at full depth. */
export function stateOf({ common, variants }, { cost = "bytes", early = false }) {
  const variant = (early && variants[`${cost}-early`]) || variants[cost];
  return { ...common, ...variant };
}
