// The validation set's figures: the curve with its moving point, where sentences leave, how deep
// they go, how honest the exits are.
const percent = (share, digits = 0) => `${(100 * share).toFixed(digits)} %`;
/** @type {[number, string][]} */
const COUNTS = [
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];
function counted(number) {
  for (const [size, letter] of COUNTS) {
    if (number >= 0.9995 * size) {
      const text = (number / size).toPrecision(3);
      return `${text.includes("e") ? Math.round(number / size) : text} ${letter}`;
    }
  }
  return String(Math.round(number));
}
const millis = (value) => `${value < 9.95 ? value.toPrecision(2) : Math.round(value)} ms`;

// Score against mean compute. ``pick(threshold)`` is called for a click at a point of the curve.
function curveChart(pick) {
  const chart = svg("svg", { class: "curve", role: "img" });
  const ground = svg("g"),
    point = svg("circle", { class: "here" }),
    across = svg("path", { class: "cross" });
  const label = svg("text", { class: "value" });
  chart.append(across, ground, point, label);
  let ready = null,
    x = null,
    y = null,
    size = null,
    latest = null;
  function draw(next, keep) {
    ready = next;
    const unit = em(),
      width = chart.parentNode.clientWidth,
      height = Math.round(Math.min(Math.max(width * 0.52, 15 * unit), 25 * unit));
    if (!ready || !width) return;
    size = {
      left: 3.6 * unit,
      right: width - 1.1 * unit,
      top: 1.2 * unit,
      bottom: height - 3.4 * unit,
    };
    const { table, curve, full } = ready;
    const fixed = table.layers.map((_, exit) => fixedPoint(ready, exit));
    const scores = [...curve, ...fixed].map((spot) => spot.score);
    const wanted = full.score - (1 - keep) * Math.abs(full.score);
    let low = Math.min(...scores, wanted),
      high = Math.max(...scores);
    const pad = Math.max((high - low) * 0.08, 0.5);
    [low, high] = [low - pad, high + pad];
    x = (macs) => size.left + (macs / full.macs) * (size.right - size.left);
    y = (score) => size.bottom - ((score - low) / (high - low)) * (size.bottom - size.top);
    put(chart, { viewBox: `0 0 ${width} ${height}`, width, height });
    const line = (from, to, kind) =>
      svg("line", { x1: from[0], y1: from[1], x2: to[0], y2: to[1], class: kind });
    const text = (at, words, kind, anchor = "middle") =>
      svg("text", { x: at[0], y: at[1], class: kind, "text-anchor": anchor }, words);
    const marks = ticks(low, high, 5);
    show(
      ground,
      marks.flatMap((mark) => [
        line([size.left, y(mark)], [size.right, y(mark)], "grid"),
        text([size.left - 0.5 * unit, y(mark) + 0.32 * unit], String(mark), "tick", "end"),
      ]),
      [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
        line(
          [x(share * full.macs), size.bottom],
          [x(share * full.macs), size.bottom + 0.3 * unit],
          "axis",
        ),
        text([x(share * full.macs), size.bottom + 1.4 * unit], `${100 * share}`, "tick"),
      ]),
      line([size.left, size.bottom], [size.right, size.bottom], "axis"),
      text(
        [(size.left + size.right) / 2, height - 0.5 * unit],
        "mean compute, % of full depth (MACs)",
        "title",
      ),
      line([size.left, y(wanted)], [size.right, y(wanted)], "wanted"),
      svg("path", {
        class: "line",
        d: curve
          .map(
            (spot, at) => `${at ? "L" : "M"}${x(spot.macs).toFixed(1)} ${y(spot.score).toFixed(1)}`,
          )
          .join(""),
      }),
      fixed.map((spot) =>
        svg("path", {
          class: "fixed",
          d:
            `M${x(spot.macs)} ${y(spot.score) - 0.4 * unit}l${0.4 * unit} ${0.4 * unit} ` +
            `${-0.4 * unit} ${0.4 * unit} ${-0.4 * unit} ${-0.4 * unit}z`,
        }),
      ),
    );
    ground.append(
      text(
        [size.left + 0.4 * unit, y(wanted) - 0.4 * unit],
        `${places(100 * keep, 4)} % ${width < 34 * unit ? "kept" : "of the full-depth score"}`,
        "wanted-words",
        "start",
      ),
    );
    if (latest) move(latest);
  }
  function move(spot) {
    latest = spot;
    if (!x) return;
    const unit = em(),
      [px, py] = [x(spot.macs), y(spot.score)];
    put(point, { cx: px, cy: py, r: 0.52 * unit });
    put(across, { d: `M${px} ${size.bottom}V${py}H${size.left}` });
    label.textContent = `${spot.score.toFixed(1)} % at ${percent(spot.macs / ready.full.macs)}`;
    // Below the point and to its right, where a rising curve leaves room, as long as it fits there.
    const over = px + 0.9 * unit + 0.58 * unit * label.textContent.length > size.right;
    put(label, {
      x: over ? size.right : px + 0.9 * unit,
      y: Math.min(py + 1.7 * unit, size.bottom - 0.5 * unit),
      "text-anchor": over ? "end" : "start",
    });
    chart.setAttribute(
      "aria-label",
      `Score against mean compute. Now ${label.textContent} of the compute; full depth ` +
        `reaches ${ready.full.score.toFixed(1)} %.`,
    );
  }
  chart.addEventListener("click", (event) => {
    if (!x) return;
    const at = event.clientX - chart.getBoundingClientRect().left;
    pick(
      ready.curve.reduce((best, spot) =>
        Math.abs(x(spot.macs) - at) < Math.abs(x(best.macs) - at) ? spot : best,
      ).threshold,
    );
  });
  return { chart, draw, move };
}
const fixedPoint = ({ table, answers }, exit) => {
  const left = new Uint16Array(table.examples).fill(exit);
  return {
    score: scoreOf(table.metric, taken(answers, left, table.exits), table.labels),
    macs: mean(taken(table.macs, left, table.exits)),
  };
};

// One bar a row: where sentences leave, or how deep those with a tag go.
function barList(title) {
  const body = el("tbody"),
    table = el("table", { class: "bars" }, el("caption", {}, title), body);
  let rows = [];
  function set(names) {
    rows = names.map((name) => {
      const bar = el("span", { class: "bar" }),
        value = el("td", { class: "number" });
      body.append(
        el(
          "tr",
          {},
          el("th", { scope: "row" }, name),
          el("td", { class: "track", "aria-hidden": "true" }, bar),
          value,
        ),
      );
      return { bar, value };
    });
  }
  return {
    table,
    names(list) {
      show(body);
      set(list);
    },
    move(list) {
      list.forEach(({ share, words, strong }, at) => {
        rows[at].bar.style.width = `${100 * share}%`;
        rows[at].bar.classList.toggle("strong", Boolean(strong));
        if (rows[at].value.textContent !== words) rows[at].value.textContent = words;
      });
    },
  };
}

// Confidence against accuracy, one small square for each exit; what is sure enough to leave is
// shaded.
function reliabilityCharts() {
  const node = el("div", { class: "squares" });
  let shades = [];
  const place = (sure, low) => (100 * (sure - low)) / (1 - low);
  return {
    node,
    draw(ready) {
      const { table } = ready,
        low = table.outputs === 2 ? 0.5 : 0;
      shades = [];
      show(
        node,
        table.layers.map((layer, exit) => {
          const { bins, gap } = reliability(ready, exit);
          const shade = svg("rect", { class: "sure", y: 0, height: 100 });
          shades.push({ shade, low });
          const most = Math.max(...bins.map((bin) => bin.count));
          const words = bins
            .map((bin) => `${percent(bin.sure)} sure, ${percent(bin.right)} right (${bin.count})`)
            .join("; ");
          return el(
            "figure",
            {},
            svg(
              "svg",
              {
                viewBox: "-4 -4 108 108",
                role: "img",
                "aria-label": `${layerName(layer)}: ${words}.`,
              },
              svg("rect", { class: "frame", width: 100, height: 100 }),
              shade,
              svg("path", { class: "honest", d: `M0 ${100 * (1 - low)}L100 0` }),
              bins.map((bin) =>
                svg("circle", {
                  class: "bin",
                  cx: place(bin.sure, low),
                  cy: 100 * (1 - bin.right),
                  r: 2.2 + 5 * Math.sqrt(bin.count / most),
                }),
              ),
            ),
            el(
              "figcaption",
              {},
              el("strong", {}, layerName(layer)),
              ` off by ${(100 * gap).toFixed(1)} points`,
            ),
          );
        }),
      );
    },
    move(policy, threshold) {
      for (const { shade, low } of shades) {
        const from =
          policy === "confidence"
            ? Math.min(Math.max(place(Math.min(threshold, 1), low), 0), 100)
            : 100;
        put(shade, { x: from, width: 100 - from });
      }
    },
  };
}
