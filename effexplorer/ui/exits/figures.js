// What the validation set says at the threshold: score, cost, where its texts leave, how honest
// each
// exit is.
function followTable() {
  const now = point(ready, set.threshold),
    { full } = ready;
  chart.move(now);
  const lost = now.score - full.score;
  writeTiles([
    [
      METRIC_NAMES[model.metric] || model.metric.replaceAll("_", " "),
      `${now.score.toFixed(1)} %`,
      Math.abs(lost) < 0.05
        ? "as at full depth"
        : `${lost > 0 ? "+" : "−"}${Math.abs(lost).toFixed(1)} points to full depth`,
    ],
    [
      "compute",
      percent(now.macs / full.macs),
      `${counted(now.macs)} of ${counted(full.macs)} MACs`,
    ],
    ["layers", now.layers.toFixed(1), `of ${full.layers}, on average`],
  ]);
  leaving.move(
    [...sharesOf(now.left, table.exits)].map((share) => ({
      share,
      words: percent(share),
      strong: share > 0,
    })),
  );
  if (table.tags.length > 1) {
    const deep = new Map(depthByTag(table, now.left).map((depth) => [depth.name, depth]));
    depths.move(
      table.tags.map((name) => ({
        share: deep.get(name).depth / full.layers,
        words: deep.get(name).depth.toFixed(1),
        strong: true,
      })),
    );
  }
  squares.move(set.policy, set.threshold);
  if (model.labels.length) {
    const { gained, lost: missed } = changedByLeaving(ready, now.left);
    write(
      swaps,
      `At this threshold ${gained} ${gained === 1 ? "is" : "are"} right early and wrong ` +
        `late, ${missed} wrong early and right late.`,
    );
  }
}
const write = (node, text) => {
  if (node.textContent !== text) node.textContent = text;
};
function writeTiles(list) {
  if (!tiles.children.length)
    show(
      tiles,
      list.map(() =>
        el("div", { class: "tile" }, el("dt"), el("dd", {}, el("strong"), el("small"))),
      ),
    );
  list.forEach((texts, at) =>
    ["dt", "strong", "small"].forEach((tag, index) =>
      write(tiles.children[at].querySelector(tag), texts[index]),
    ),
  );
}
// Policy or calibration changed: readiness and curve are computed anew, or remembered.
function prepare() {
  for (const input of policies.querySelectorAll("input"))
    input.checked = input.value === set.policy;
  if (table) {
    const key = `${set.policy} ${set.calibrated}`;
    if (!prepared.has(key)) prepared.set(key, prepareTable(table, set.policy, set.calibrated));
    ready = prepared.get(key);
  }
  redraw();
}
function redraw() {
  if (ready) {
    chart.draw(ready, set.keep);
    if (model.labels.length) squares.draw(ready);
  }
  follow();
}
const honesty = () =>
  `Confidence to the right, from ${model.labels.length === 2 ? 50 : 0} to 100 %; ` +
  "accuracy upwards, from 0 to 100 %. On the dashed line, 80 % sure is right 8 times in " +
  "10. Shaded: sure enough to leave.";
