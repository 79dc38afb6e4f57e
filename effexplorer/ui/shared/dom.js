// What every panel's script starts with: elements made from text, never from markup.
const root = element.querySelector(".fx");
const plain = (value) => (value == null ? null : JSON.parse(JSON.stringify(value)));
const SVG = "http://www.w3.org/2000/svg";

/** Returns the children to draw. What a condition left (0, "", false, null) is none of them. */
const drawn = (children) => children.flat().filter(Boolean);

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value == null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...drawn(children));
  return node;
}
const el = (tag, attributes, ...children) =>
  fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes, ...children) =>
  fill(document.createElementNS(SVG, tag), attributes, children);

const icon = (path, label) =>
  svg(
    "svg",
    {
      class: "icon",
      viewBox: "0 0 16 16",
      "aria-hidden": label ? null : "true",
      role: label ? "img" : null,
      "aria-label": label,
    },
    svg("path", {
      d: path,
      fill: "none",
      stroke: "currentColor",
      "stroke-width": 1.6,
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
    }),
  );
const ICONS = {
  check: "M3 8.5l3.2 3.2L13 5",
  warn: "M8 2.5l6 11H2zM8 6.5v3.2M8 11.6v.1",
  close: "M4 4l8 8M12 4l-8 8",
  copy: "M5.5 5.5h8v8h-8zM2.5 10.5v-8h8",
  down: "M4 6l4 4 4-4",
  plus: "M8 3.5v9M3.5 8h9",
  play: "M5 3.2l7.5 4.8L5 12.8z",
  link: "M6.8 9.2l2.4-2.4M7 4.8l1.6-1.6a2.5 2.5 0 013.6 3.6L10.6 8.4M9 11.2l-1.6 1.6a2.5 2.5 0 01-3.6-3.6L5.4 7.6",
  clock: "M8 14A6 6 0 108 2a6 6 0 000 12zM8 4.8V8l2.2 1.6",
  build: "M2.5 4h5M10 4h3.5M8.7 2.5v3M2.5 8h2M7 8h6.5M5.8 6.5v3M2.5 12h6M11 12h2.5M9.8 10.5v3",
  info: "M8 7.3v4M8 4.8v.1M8 14A6 6 0 108 2a6 6 0 000 12z",
};
const SYMBOLS = {
  circle: "M8 2.6a5.4 5.4 0 100 10.8A5.4 5.4 0 008 2.6z",
  square: "M3.2 3.2h9.6v9.6H3.2z",
  diamond: "M8 1.6L14.4 8 8 14.4 1.6 8z",
  "triangle-up": "M8 2.2l6.2 11H1.8z",
  "triangle-down": "M8 13.8l6.2-11H1.8z",
  cross: "M6 2.2h4V6h3.8v4H10v3.8H6V10H2.2V6H6z",
  pentagon: "M8 1.8l6.2 4.6-2.4 7.2H4.2L1.8 6.4z",
  star: "M8 1.2l2 4.5 4.8.5-3.6 3.3 1 4.8L8 11.9l-4.2 2.4 1-4.8L1.2 6.2 6 5.7z",
  x: "M4.2 1.8L8 5.6l3.8-3.8 2.4 2.4L10.4 8l3.8 3.8-2.4 2.4L8 10.4l-3.8 3.8-2.4-2.4L5.6 8 1.8 4.2z",
  hourglass: "M2.6 2h10.8L2.6 14h10.8z",
  hexagon: "M8 1.6l5.6 3.2v6.4L8 14.4l-5.6-3.2V4.8z",
  bowtie: "M2 2.6v10.8L14 2.6v10.8z",
  "triangle-left": "M2.2 8l11-6.2v12.4z",
  "triangle-right": "M13.8 8l-11-6.2v12.4z",
  "star-diamond": "M8 1l2.2 4.8L15 8l-4.8 2.2L8 15l-2.2-4.8L1 8l4.8-2.2z",
  hexagram: "M8 1.2l2.1 3.5h4L12.2 8l1.9 3.3h-4L8 14.8l-2.1-3.5h-4L3.8 8 1.9 4.7h4z",
};
const swatch = (mark) =>
  svg(
    "svg",
    {
      class: "swatch",
      viewBox: "0 0 16 16",
      "aria-hidden": "true",
      style: `color: var(--series-${mark.series})`,
    },
    svg("path", {
      d: SYMBOLS[mark.symbol] || SYMBOLS.circle,
      fill: mark.open ? "none" : "currentColor",
      stroke: "currentColor",
      "stroke-width": mark.open ? 2 : 0.6,
    }),
  );

function show(node, ...children) {
  node.replaceChildren(...drawn(children));
}

/**
 * Calls `act` whenever `node` comes into view. A busy browser tells several changes in one list,
 * the oldest first: what counts is where the node is now.
 */
function whenSeen(node, act, options) {
  const observer = new IntersectionObserver(
    (changes) => changes.at(-1).isIntersecting && act(),
    options,
  );
  observer.observe(node);
  return observer;
}

/** Shows where cards will stand until `arrived`; what is drawn meanwhile keeps its width. */
function awaited(label) {
  arrived();
  root.classList.add("waiting");
  const bones = [0, 1, 2].map(() => el("div", { class: "card bone" }));
  root.prepend(
    el("div", { class: "skeleton", role: "status" }, bones, el("p", { class: "offscreen" }, label)),
  );
}
function arrived() {
  root.classList.remove("waiting");
  root.querySelector(":scope > .skeleton")?.remove();
}

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = el("textarea", { value: text, class: "offscreen" });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    button.focus();
  }
  const label = button.querySelector(".label");
  label.dataset.before ||= label.textContent;
  label.textContent = "Copied";
  clearTimeout(label.dataset.timer);
  label.dataset.timer = setTimeout(() => (label.textContent = label.dataset.before), 1400);
}
const copyButton = (text, label = "Copy") =>
  el(
    "button",
    { type: "button", class: "small", onclick: (event) => copy(text, event.currentTarget) },
    icon(ICONS.copy),
    el("span", { class: "label", "aria-live": "polite" }, label),
  );

/**
 * Lets the browser save a file that is made here.
 * @param {{name: string, text: string}} file
 */
function saveFile({ name, text }) {
  const type = name.endsWith(".csv") ? "text/csv" : "application/json";
  const place = URL.createObjectURL(new Blob([text], { type }));
  el("a", { href: place, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(place), 10_000);
}

// What a link to the Early exit tab carries.
const EXIT_LINK = ["exits", "beside", "text", "other", "policy", "threshold", "raw"];
// And one to the Orders tab.
const ORDERS_LINK = ["orders", "model", "task", "setting", "cost", "early"];
function tryExits(model) {
  const url = address(null);
  url.searchParams.set("exits", model);
  history.replaceState(history.state, "", url);
  document.dispatchEvent(new CustomEvent("effexplorer-exits"));
  // A narrow page has some in a menu.
  const tabs = "#tabs [role=tab], #tabs .overflow-dropdown button";
  [...document.querySelectorAll(tabs)]
    .find((tab) => tab.textContent.trim() === "Early exit")
    ?.click();
}
function address(run) {
  const url = new URL(window.location.href);
  for (const name of [...EXIT_LINK, ...ORDERS_LINK, "compare"]) url.searchParams.delete(name);
  if (run) url.searchParams.set("run", run);
  else url.searchParams.delete("run");
  return url;
}
// Puts the run that is open into the address; Back leads to what was open before.
function remember(run) {
  if (address(run).href === window.location.href) return;
  history.pushState(history.state, "", address(run));
  document.dispatchEvent(new CustomEvent("effexplorer-address"));
}

/** Returns the token that tells this browser from others; a cookie of it goes with requests. */
function owner() {
  let token = localStorage.getItem("effexplorer-owner");
  if (!/^[0-9a-f]{32}$/.test(token || "")) {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    token = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    localStorage.setItem("effexplorer-owner", token);
  }
  const framed = location.protocol === "https:"; // as a Space is, in a page of another site
  const rule = framed ? "secure; samesite=none; partitioned" : "samesite=lax";
  document.cookie = `effexplorer-owner=${token}; path=/; max-age=31536000; ${rule}`;
  return token;
}
const mineKey = (id) => `effexplorer-mine-${id}`; // remembers a job that this browser may cancel
