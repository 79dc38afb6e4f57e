const DASHES = [null, "7 4", "2 3", "9 3 2 3"];

// Lines of up to four runs in one chart. A line is {at, points, dots}: dots marks every point of
// it.
function linesChart(title, across) {
  const chart = svg("svg", { class: "lines", role: "img" }),
    note = el("p", { class: "quiet" });
  const node = el(
    "figure",
    {},
    el("figcaption", {}, title),
    el("div", { class: "stage" }, chart),
    note,
  );
  let lines = [];
  function draw() {
    const unit = em(),
      width = chart.parentNode.clientWidth,
      height = Math.round(Math.min(Math.max(width * 0.6, 15 * unit), 24 * unit));
    if (!width || !lines.length) return;
    const points = lines.flatMap((line) => line.points),
      scores = points.map(([, y]) => y);
    const size = {
      left: 3.4 * unit,
      right: width - 2.6 * unit,
      top: 0.8 * unit,
      bottom: height - 3.3 * unit,
    };
    const most = Math.max(...points.map(([x]) => x)) || 1,
      pad = Math.max((Math.max(...scores) - Math.min(...scores)) * 0.1, 0.4);
    const [low, high] = [Math.min(...scores) - pad, Math.max(...scores) + pad];
    const x = (value) => size.left + (value / most) * (size.right - size.left),
      y = (value) => size.bottom - ((value - low) / (high - low)) * (size.bottom - size.top);
    const text = (at, words, kind, anchor = "middle") =>
      svg("text", { x: at[0], y: at[1], class: kind, "text-anchor": anchor }, words);
    put(chart, { viewBox: `0 0 ${width} ${height}`, width, height });
    const ends = lines
      .map((line) => ({ line, x: x(line.points.at(-1)[0]), y: y(line.points.at(-1)[1]), words: 0 }))
      .sort((line, other) => line.y - other.y);
    ends.forEach((end, at) => {
      end.words = Math.max(
        end.y,
        ...ends
          .slice(0, at)
          .filter((other) => Math.abs(other.x - end.x) < 2 * unit)
          .map((other) => other.words + 1.05 * unit),
      );
    });
    show(
      chart,
      ticks(low, high, 5).flatMap((tick) => [
        svg("path", { class: "grid", d: `M${size.left} ${y(tick)}H${size.right}` }),
        text([size.left - 0.5 * unit, y(tick) + 0.32 * unit], String(tick), "tick", "end"),
      ]),
      ticks(0, most, width < 22 * unit ? 3 : 6).flatMap((tick) => [
        svg("path", { class: "axis", d: `M${x(tick)} ${size.bottom}v${0.3 * unit}` }),
        text([x(tick), size.bottom + 1.4 * unit], String(tick), "tick"),
      ]),
      svg("path", { class: "axis", d: `M${size.left} ${size.bottom}H${size.right}` }),
      text([(size.left + size.right) / 2, height - 0.4 * unit], across, "title"),
      lines.map(({ at, points, dots }) =>
        svg(
          "g",
          { class: `slot-${at}` },
          points.length > 1 &&
            svg("path", {
              class: "line",
              "stroke-dasharray": DASHES[at],
              d: points
                .map(
                  ([px, py], index) =>
                    `${index ? "L" : "M"}${x(px).toFixed(1)} ${y(py).toFixed(1)}`,
                )
                .join(""),
            }),
          (dots ? points : points.slice(-1)).map(([px, py], index, all) =>
            svg("circle", {
              class: index === all.length - 1 ? "end" : "dot",
              cx: x(px),
              cy: y(py),
              r: (index === all.length - 1 ? 0.42 : 0.24) * unit,
            }),
          ),
        ),
      ),
      ends.map(({ line, x: px, words }) =>
        svg(
          "g",
          { class: `slot-${line.at}` },
          text([px + 0.7 * unit, words + 0.35 * unit], SLOTS[line.at], "name", "start"),
        ),
      ),
    );
    const sentences = lines.map(
      (line) =>
        `${SLOTS[line.at]} from ${line.points[0][1].toFixed(1)} % at ` +
        `${places(line.points[0][0])} to ${line.points.at(-1)[1].toFixed(1)} % at ` +
        `${places(line.points.at(-1)[0])}`,
    );
    put(chart, { "aria-label": `${title}, in ${across}: ${sentences.join("; ")}.` });
  }
  return {
    node,
    draw,
    set(next, words) {
      lines = next;
      note.textContent = words;
      draw();
    },
  };
}
