// The plane of a search: what the limits forbid is shaded, explored and confirmed points differ.
const UNITS = {
  bytes: (value) => `${places(value / 1e6)} MB`,
  macs: (value) => `${places(value / 1e6)} M`,
  latency: (value) => `${places(value)} ms`,
};

/**
 * The corners of the steps that no point beats in both, cheapest first.
 * @param {{x: number, y: number}[]} points
 */
function frontOf(points) {
  const sorted = [...points].sort((point, other) => point.x - other.x || other.y - point.y);
  const kept = [];
  for (const point of sorted)
    if (!kept.length || point.y > kept[kept.length - 1].y) kept.push(point);
  return kept;
}

/**
 * The range of the plane around its points and limits.
 * @param {{x: number, y: number}[]} points
 * @param {number|null} limit
 * @param {number|null} floor
 */
function rangeOf(points, limit, floor) {
  const ys = [...points.map((point) => point.y), ...(floor == null ? [] : [floor])];
  const right = Math.max(...points.map((point) => point.x), limit || 0) * 1.06 || 1;
  const low = Math.min(...ys),
    high = Math.max(...ys),
    room = (high - low || 2) * 0.1;
  return { right, low: low - room, high: high + room };
}

function searchPlane(width, height, { points, limit, floor, axis, axisTitle }) {
  const size = em(),
    left = size * 3.4,
    bottom = height - size * 2.9,
    top = size * 0.8,
    right = width - size * 0.8;
  const range = rangeOf(points, limit, floor);
  const x = (value) => left + (value / range.right) * (right - left);
  const y = (value) => bottom - ((value - range.low) / (range.high - range.low)) * (bottom - top);
  const label = (text, attributes) => {
    const node = svg("text", { "font-size": size * 0.86, fill: "var(--fx-ink-2)", ...attributes });
    node.textContent = text;
    return node;
  };
  const band = (from, to, above, below) =>
    svg("rect", {
      x: from,
      y: above,
      width: Math.max(0, to - from),
      height: Math.max(0, below - above),
      fill: "url(#fx-forbidden)",
    });
  const grid = ticks(range.low, range.high, 5).flatMap((value) => [
    svg("path", { d: `M${left} ${y(value)}H${right}`, stroke: "var(--fx-line)" }),
    label(`${value}`, { x: left - 6, y: y(value) + size * 0.3, "text-anchor": "end" }),
  ]);
  const scale = axis === "latency" ? 1 : 1e6;
  const under = ticks(0, range.right / scale, width < 500 ? 4 : 8).map((value) =>
    label(`${value}`, {
      x: x(value * scale),
      y: bottom + size * 1.2,
      "text-anchor": "middle",
    }),
  );
  const steps = (kind, attributes) => {
    const corners = frontOf(points.filter(kind));
    if (!corners.length) return null;
    const path = corners.map(
      (corner, at) => `${at ? "H" : "M"}${x(corner.x)}${at ? "V" : " "}${y(corner.y)}`,
    );
    return svg("path", {
      d: `${path.join("")}H${right}`,
      fill: "none",
      stroke: "var(--fx-accent)",
      "stroke-width": 2,
      ...attributes,
    });
  };
  const mark = (point) => {
    const node = svg("g", { class: `point ${point.kind}` });
    const title = svg("title", {});
    title.textContent = `${point.steps || "dense"}: ${point.y.toFixed(1)} %, ${UNITS[axis](point.x)}, ${point.kind}`;
    node.append(title);
    const at = { cx: x(point.x), cy: y(point.y) };
    if (point.kind === "confirmed")
      node.append(
        svg("path", {
          d: `M${at.cx} ${at.cy - 7}l7 7l-7 7l-7 -7z`,
          fill: "var(--fx-good)",
          stroke: "var(--fx-card)",
        }),
      );
    else
      node.append(
        svg("circle", {
          ...at,
          r: point.kind === "known" ? 3 : 5,
          fill: point.kind === "known" ? "var(--fx-edge)" : "var(--fx-card)",
          stroke: point.kind === "known" ? "none" : "var(--fx-accent)",
          "stroke-width": 2,
          "stroke-dasharray": point.kind === "few rows" ? "2 2" : null,
        }),
      );
    return node;
  };
  const hatch = svg(
    "pattern",
    { id: "fx-forbidden", width: 8, height: 8, patternUnits: "userSpaceOnUse" },
    svg("rect", { width: 8, height: 8, fill: "var(--fx-bad)", "fill-opacity": 0.07 }),
    svg("path", {
      d: "M-2 10L10 -2M-2 2L2 -2M6 10L10 6",
      stroke: "var(--fx-bad)",
      "stroke-opacity": 0.3,
    }),
  );
  return svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" },
    svg("defs", {}, hatch),
    grid,
    under,
    svg("path", {
      d: `M${left} ${top}V${bottom}H${right}`,
      fill: "none",
      stroke: "var(--fx-edge)",
    }),
    limit ? band(x(Math.min(limit, range.right)), right, top, bottom) : null,
    floor == null ? null : band(left, limit ? Math.min(x(limit), right) : right, y(floor), bottom),
    steps((point) => point.kind === "explored", {}),
    points.map(mark),
    label(axisTitle, { x: (left + right) / 2, y: height - 4, "text-anchor": "middle" }),
    label("Score, %", {
      x: 0,
      y: 0,
      "text-anchor": "middle",
      transform: `translate(${size} ${(top + bottom) / 2}) rotate(-90)`,
    }),
  );
}
