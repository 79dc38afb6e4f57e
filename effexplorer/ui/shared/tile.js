// A number of a run beside the dense model's.

/**
 * Returns how a number changed against the dense model, null where it did not.
 * @param {Tile} tile
 */
function changeOf(tile) {
  if (!tile.change) return null;
  const kind =
    tile.better == null
      ? ""
      : `${tile.better ? "better" : "worse"} ${tile.rises ? "rises" : "falls"}`;
  return el(
    "span",
    { class: `change ${kind}` },
    tile.change,
    tile.better != null &&
      el(
        "span",
        { class: "offscreen" },
        tile.better ? " (better than dense)" : " (worse than dense)",
      ),
  );
}
