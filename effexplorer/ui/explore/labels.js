// Where the plane's points and labels stand, in pixels of the drawing.

/** Returns a function from a point of the axes to pixels from the drawing's top left corner. */
function pixelsOf(layout) {
  const { l, r, t, b } = layout.margin;
  const across = chart.clientWidth - l - r;
  const height = chart.clientHeight - t - b;
  const [x, y] = [zoom?.x || layout.xaxis.range, zoom?.y || layout.yaxis.range];
  const log = layout.xaxis.type === "log";
  return (cost, score) => [
    (((log ? Math.log10(cost) : cost) - x[0]) / (x[1] - x[0])) * across,
    height - ((score - y[0]) / (y[1] - y[0])) * height,
  ];
}

/** Returns the runs' points with what a click needs: place, run, mark and words. */
function placedPoints(figure) {
  const at = pixelsOf(figure.layout);
  const { l, t } = figure.layout.margin;
  return figure.data.flatMap((trace, curveNumber) =>
    trace.meta.role !== "points"
      ? []
      : trace.customdata.map(([id, , ids], pointNumber) => {
          const [x, y] = at(trace.x[pointNumber], trace.y[pointNumber]);
          const row = state.rows.find((each) => ids.includes(each.id));
          return {
            curveNumber,
            pointNumber,
            id,
            at: [x + l, y + t],
            mark: row.mark,
            letters: row.letters,
            words:
              `${row.score}, ${row.costs[0]}, ` +
              `${row.model}${ids.length > 1 ? `, ${ids.length} seeds` : `, seed ${row.seed}`}`,
          };
        }),
  );
}

// Writes a label where it hits no other one and no point; the others wait for a zoom or a hover.
function placeLabels(data, layout) {
  const { l, r, t, b } = layout.margin;
  const across = chart.clientWidth - l - r;
  const height = chart.clientHeight - t - b;
  const at = pixelsOf(layout);
  const places = {
    "top center": [0, -17],
    "bottom center": [0, 17],
    "middle right": [1, 0],
    "middle left": [-1, 0],
    "top right": [0.8, -14],
    "bottom right": [0.8, 14],
    "top left": [-0.8, -14],
    "bottom left": [-0.8, 14],
  };
  const beside = {
    "bottom right": places["bottom right"],
    "top left": places["top left"],
    ...places,
  };
  const texts = data.filter((trace) => trace.mode.includes("text"));
  const taken = texts.flatMap((trace) =>
    trace.x.map((x, i) => {
      const [px, py] = at(x, trace.y[i]);
      return [px - 7, py - 7, px + 7, py + 7];
    }),
  );
  const hits = (box) =>
    box[0] < 0 ||
    box[2] > across ||
    box[1] < -t ||
    box[3] > height ||
    taken.some(
      (other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1],
    );
  const path = texts.find((trace) => trace.meta.role === "path");
  const stops = path ? path.x.map((x, i) => at(x, path.y[i])) : [];
  for (const trace of texts.sort((text, other) => Number(other === path) - Number(text === path))) {
    trace.text = trace.customdata.map(([, label]) => label);
    trace.textposition = trace.text.map(() => "top center");
    trace.text.forEach((label, index) => {
      if (!label) return;
      const [px, py] = at(trace.x[index], trace.y[index]);
      const labelled = trace !== path && stops.some(([x, y]) => Math.hypot(x - px, y - py) < 9);
      const size = trace.textfont.size,
        half = label.length * size * 0.29 + 3;
      for (const [place, [dx, dy]] of labelled
        ? []
        : Object.entries(trace === path ? beside : places)) {
        const x = px + dx * (half + 11),
          y = py + dy * (large() ? 1.3 : 1);
        const box = [x - half, y - size * 0.6, x + half, y + size * 0.6];
        if (hits(box)) continue;
        taken.push(box);
        trace.textposition[index] = place;
        return;
      }
      trace.text[index] = "";
    });
  }
}
