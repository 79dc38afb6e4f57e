// The plane of orders: every order's path from the dense model, the mean over its seeds, stage by
// stage.
// By colour, which they second.
const DASHES = { 1: null, 2: "8 4", 3: "2 4", 4: "10 3 2 3", 5: "5 3", 6: "14 4", 7: "1 3" };

function orderPlane({ light, pin }) {
  const chart = svg("svg", { class: "paths", role: "img" });
  const ground = svg("g"),
    lines = svg("g"),
    names = svg("g"),
    front = svg("g");
  chart.append(ground, lines, names, front);
  let state = null,
    rows = [],
    x = null,
    y = null,
    unit = 14;
  const label = (at, words, kind, anchor = "middle") =>
    svg("text", { x: at[0], y: at[1], class: kind, "text-anchor": anchor }, words);
  const way = (row) =>
    row.path
      .map(
        ([, cost, score], index) =>
          `${index ? "L" : "M"}${x(cost).toFixed(1)} ${y(score).toFixed(1)}`,
      )
      .join("");
  const end = (row) => {
    const [, cost, score] = row.path.at(-1);
    return svg(
      "g",
      { class: "end", transform: `translate(${x(cost)} ${y(score)}) scale(${unit / 17})` },
      symbolOf(row.mark),
    );
  };

  function draw(next, sorted) {
    [state, rows] = [next, sorted.filter((row) => row.path.length)];
    unit = em();
    const width = chart.parentNode.clientWidth,
      height = Math.round(Math.min(Math.max(width * 0.66, 17 * unit), 30 * unit));
    if (!width) return;
    put(chart, { viewBox: `0 0 ${width} ${height}`, width, height });
    const size = {
      left: 3.4 * unit,
      right: width - 3.6 * unit,
      top: 1 * unit,
      bottom: height - 3.4 * unit,
    };
    const stops = rows.flatMap((row) => row.path);
    const scores = stops.map(([, , score]) => score),
      most = Math.max(...stops.map(([, cost]) => cost), 0) * 1.06 || 1;
    const room = Math.max(0.07 * (Math.max(...scores) - Math.min(...scores)), 0.6);
    const [low, high] = scores.length
      ? [Math.min(...scores) - room, Math.max(...scores) + room]
      : [0, 100];
    x = (cost) => size.left + (cost / most) * (size.right - size.left);
    y = (score) => size.bottom - ((score - low) / (high - low)) * (size.bottom - size.top);
    show(
      ground,
      ticks(low, high, 6).flatMap((tick) => [
        svg("line", { class: "grid", x1: size.left, x2: size.right, y1: y(tick), y2: y(tick) }),
        label([size.left - 0.5 * unit, y(tick) + 0.32 * unit], String(tick), "tick", "end"),
      ]),
      ticks(0, most, width < 30 * unit ? 4 : 8).flatMap((tick) => [
        svg("line", {
          class: "axis",
          x1: x(tick),
          x2: x(tick),
          y1: size.bottom,
          y2: size.bottom + 0.3 * unit,
        }),
        label([x(tick), size.bottom + 1.4 * unit], String(tick), "tick"),
      ]),
      svg("line", {
        class: "axis",
        x1: size.left,
        x2: size.right,
        y1: size.bottom,
        y2: size.bottom,
      }),
      label([(size.left + size.right) / 2, height - 0.5 * unit], state.cost, "title"),
    );
    show(
      lines,
      rows.map((row) =>
        svg(
          "g",
          {
            class: "way",
            "data-key": orderKey(row),
            style: `--tone: var(--series-${row.mark.series})`,
            onmouseenter: () => light(orderKey(row)),
            onmouseleave: () => light(null),
            onclick: () => pin(orderKey(row)),
          },
          svg("path", { class: "wide", d: way(row) }),
          svg("path", { class: "line", d: way(row), "stroke-dasharray": DASHES[row.mark.series] }),
          row.path
            .slice(1, -1)
            .map(([, cost, score]) =>
              svg("circle", { class: "stop", cx: x(cost), cy: y(score), r: 0.17 * unit }),
            ),
          end(row),
        ),
      ),
    );
    const firsts = new Map(rows.map((row) => [row.path[1][0], row]));
    show(
      names,
      rows.length &&
        letters(
          [rows[0].path[0], ...[...firsts.values()].map((row) => row.path[1])],
          [null, ...[...firsts.values()].map((row) => row.mark.series)],
        ),
    );
    const summary = rows.map((row) => `${row.letters} ${row.score}`).join(", ");
    chart.setAttribute(
      "aria-label",
      `Score against ${state.cost.toLowerCase()}: ${plural(rows.length, "path")} from the ` +
        `dense model. They end at: ${summary}.`,
    );
  }
  // Writes each stop's letter above it, or beside it where the way goes straight up or down;
  // letters in one column keep apart.
  function letters(stops, tones) {
    const places = stops.map(([words, cost, score], index) => {
      const [px, py] = [x(cost), y(score)];
      const upright =
        !index ||
        [index - 1, index + 1].some(
          (at) => stops[at] && at >= 0 && Math.abs(x(stops[at][1]) - px) < unit,
        ) ||
        Math.abs(x(stops[0][1]) - px) < unit;
      return {
        words: words || "dense",
        tone: tones[index],
        beside: upright,
        x: upright ? px + 0.75 * unit : px,
        y: upright ? py + 0.35 * unit : py - 0.7 * unit,
      };
    });
    places
      .sort((place, other) => place.y - other.y)
      .forEach((place, index) => {
        for (const other of places.slice(0, index))
          if (Math.abs(place.x - other.x) < 1.2 * unit && place.y - other.y < 1.1 * unit)
            place.y = other.y + 1.1 * unit;
      });
    return places.map((place) => {
      const text = label(
        [place.x, place.y],
        place.words,
        "name",
        place.beside ? "start" : "middle",
      );
      if (place.tone != null) text.setAttribute("style", `--tone: var(--series-${place.tone})`);
      return text;
    });
  }
  // The order in hand stands out, with the letter of each step where it ends.
  function lit(key) {
    const row = rows.find((row) => orderKey(row) === key);
    chart.classList.toggle("dimmed", Boolean(row));
    if (!row) return show(front);
    show(
      front,
      svg(
        "g",
        { class: "way lit", style: `--tone: var(--series-${row.mark.series})` },
        svg("path", { class: "line", d: way(row) }),
        row.path
          .slice(1, -1)
          .map(([, cost, score]) =>
            svg("circle", { class: "stop", cx: x(cost), cy: y(score), r: 0.26 * unit }),
          ),
        end(row),
      ),
      letters(row.path, [null, ...row.path.slice(1).map(() => row.mark.series)]),
    );
  }
  return { chart, draw, lit };
}
