// The Early exit tab: what is open, what follows the slider, and how the parts stand on the page. A
// model's table comes once; whatever the slider moves is computed here.

// Everything that follows the slider; nothing here asks the server.
let frame = 0;
function moved(threshold) {
  set.threshold = threshold;
  dialNote.textContent = "";
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(follow);
}
function follow() {
  if (!model) return;
  const said = meaning(set.policy, set.threshold, { outputs: model.labels.length });
  words.textContent = said;
  slider.max = sliderMax();
  slider.step = set.policy === "patience" ? 1 : 5;
  const stands = () => slider.valueAsNumber / slider.max;
  // Else a key's step would be lost in rounding.
  if (thresholdAt(stands()) !== set.threshold) slider.value = placeOf(set.threshold) * slider.max;
  put(slider, { "aria-valuetext": said });
  slider.style.setProperty("--at", `${100 * stands()}%`);
  if (ready) followTable();
  followTexts();
}
const option = (each) => el("option", { value: each.name }, each.title);
function drawModels() {
  const groups = { shipped: "Shipped", here: "Made here" };
  show(
    models,
    Object.entries(groups).map(([source, label]) => {
      const some = offered.filter((each) => each.answers && each.source === source);
      return some.length > 0 && el("optgroup", { label }, some.map(option));
    }),
  );
  if (![...models.options].some((option) => option.value === model.name))
    models.append(el("optgroup", { label: "Figures only: no model to type into" }, option(model)));
  models.value = model.name;
}
let opening = 0; // the latest choice wins
async function open(name) {
  const mine = ++opening,
    next = await call("model", name);
  if (mine !== opening) return;
  if (next.error) {
    models.value = model?.name;
    return show(message, problem(next.error));
  }
  const kept = model;
  [model, rows, ready] = [next, [], null];
  drawModels();
  drawBesides();
  prepared.clear();
  table = model.table && openTable(model.table, model);
  if (!model.policies.includes(set.policy)) set.policy = model.policies[0];
  if (!kept || !model.labels.length || kept.metric !== model.metric) set.threshold = usual();
  drawBoxes();
  drawPolicies();
  figures.hidden = !table;
  honest.hidden = !table || !model.labels.length;
  if (table) {
    leaving.names(table.layers.map((layer) => layerName(layer).toLowerCase()));
    depths.table.hidden = table.tags.length < 2;
    depths.names(table.tags);
    swaps.hidden = !model.labels.length;
    figures.querySelector(".count").textContent =
      `${table.examples.toLocaleString("en")} validation ${model.columns.length > 1 ? "pairs" : "sentences"}`;
  }
  calibrated.closest(".explained").hidden = !model.labels.length || !table?.calibrated;
  honest.querySelector(".quiet").textContent = honesty();
  place.hidden = !model.answers;
  // Opens it while the first text is typed.
  if (model.answers && engine === "server") call("ask", { model: model.name, texts: [] });
  bringing = bringHere();
  prepare();
  ask();
}
function restore() {
  const policy = asked.get("policy"),
    given = asked.get("threshold");
  if (policy in POLICY_NAMES && model.policies.includes(policy)) set.policy = policy;
  set.threshold =
    given === "full" ? Infinity : given && Number.isFinite(Number(given)) ? Number(given) : usual();
  if (asked.get("raw")) set.calibrated = calibrated.checked = false;
  prepare();
  const parts = ["text", "other"].map((name) => asked.get(name) || "");
  const other = offer(asked.get("beside"));
  if (other && besideChoices(offered, model).includes(other)) putBeside(other.name);
  if (parts[0]) fillIn(parts);
}
// The address that leads back here, and how many characters of text it had to leave out.
function link() {
  const url = address(null),
    [text, other] = [...boxes.querySelectorAll("textarea")].map((box) => box.value);
  const carried = {
    exits: model.name,
    policy: set.policy,
    threshold: set.threshold === Infinity ? "full" : String(set.threshold),
  };
  if (!set.calibrated) carried.raw = "1";
  if (second.model) carried.beside = second.model.name;
  if (asked.get("engine") === "server") carried.engine = "server";
  const long = (text + (other || "")).length;
  if (long <= MOST_LINKED) Object.assign(carried, text && { text }, other && { other });
  for (const [name, value] of Object.entries(carried)) url.searchParams.set(name, value);
  return { href: url.href, dropped: long > MOST_LINKED ? long : 0 };
}
function copyLink(button) {
  const { href, dropped } = link(),
    many = (count) => count.toLocaleString("en");
  copy(href, button);
  dialNote.textContent = dropped
    ? "The link carries model, policy and threshold, but not the text: at most " +
      `${many(MOST_LINKED)} characters fit into a link; got ${many(dropped)}.`
    : "";
}
function draw() {
  figures.replaceChildren(
    el(
      "section",
      { class: "card", "aria-labelledby": "fx-exits-curve" },
      el(
        "header",
        {},
        el("h2", { id: "fx-exits-curve" }, "What the threshold costs"),
        el("span", { class: "count quiet" }),
      ),
      tiles,
      el("div", { class: "stage" }, chart.chart),
      el(
        "ul",
        { class: "legend" },
        el("li", {}, el("span", { class: "key course" }), "this policy, every threshold"),
        el("li", {}, el("span", { class: "key fixed" }), "everyone leaves at one layer"),
        el("li", {}, el("span", { class: "key here" }), "now"),
      ),
      swaps,
    ),
    el("section", { class: "card pair", "aria-label": "Depth" }, leaving.table, depths.table),
  );
  show(
    root,
    el(
      "section",
      { class: "card say", "aria-label": "Text and model" },
      el(
        "div",
        { class: "top" },
        boxes,
        el("div", { class: "pick" }, field("Model", models), besideField),
      ),
      message,
      examples,
    ),
    el(
      "section",
      { class: "card dial", "aria-label": "Threshold" },
      el(
        "div",
        { class: "turn" },
        words,
        el(
          "div",
          { class: "slide" },
          slider,
          el(
            "div",
            { class: "ends", "aria-hidden": "true" },
            el("span", {}, "leave early, compute less"),
            el("span", {}, "be sure, compute more"),
          ),
        ),
      ),
      el(
        "div",
        { class: "choices" },
        policies,
        el(
          "div",
          { class: "explained" },
          switchOf("Calibrated", calibrated),
          term("?", "Calibrated"),
        ),
        el(
          "div",
          { class: "keep" },
          el("button", { type: "button", onclick: () => ready && findCheapest() }, "Find cheapest"),
          el("span", {}, "that keeps"),
          keep,
          el("span", {}, "% of the full score"),
        ),
        el(
          "button",
          { type: "button", onclick: (event) => copyLink(event.currentTarget) },
          icon(ICONS.link),
          el("span", { class: "label", "aria-live": "polite" }, "Copy link"),
        ),
      ),
      dialNote,
    ),
    el(
      "div",
      { class: "halves" },
      el(
        "div",
        { class: "half" },
        el(
          "section",
          { class: "card through", "aria-label": "Way through the model" },
          outcome,
          way,
          besideNode,
          reasons,
          place,
          lines,
        ),
        honest,
      ),
      figures,
    ),
    spoken,
  );
}
function nothing() {
  show(
    root,
    el(
      "section",
      { class: "card none" },
      el("h2", {}, "No model with exits yet"),
      el(
        "p",
        {},
        "Early exit needs a model that has a classifier after every layer. Run ",
        el("code", {}, "exit > quantize"),
        " on the bundled reviews in Build: it takes some minutes on this machine, and the model appears here.",
      ),
      el(
        "button",
        { type: "button", class: "primary", onclick: () => trigger("build_exits", {}) },
        icon(ICONS.build),
        "Put exit > quantize into Build",
      ),
    ),
  );
}
const offer = (name) => offered.find((each) => name && [each.name, each.run].includes(name));
let looked = false; // the tab was seen
async function start() {
  looked = true;
  const begun = await call("models", null);
  arrived();
  if (begun.error) return show(root, el("section", { class: "card" }, problem(begun.error)));
  if (!begun.models.length) return nothing();
  [offered, hasServer] = [begun.models, begun.server];
  mostLines = hasServer ? begun.most_lines : MOST_HERE;
  if (!hasServer) engine = "browser";
  draw();
  awaited("Opening the model.");
  const wanted = asked.get("exits"),
    known = offer(wanted);
  await open(known ? wanted : offered[0].name);
  arrived();
  if (known || !wanted) restore();
  else
    show(
      message,
      problem(`There is no model ${wanted.slice(0, 40)} with exits here; this is another one.`),
    );
  let width = 0;
  new ResizeObserver(([entry]) => {
    if (ready && entry.contentRect.width !== width) requestAnimationFrame(redraw);
    width = entry.contentRect.width;
  }).observe(chart.chart.parentNode);
}
// Another tab asked for a model: its name stands in the address.
document.addEventListener("effexplorer-exits", async () => {
  const name = new URLSearchParams(window.location.search).get("exits");
  if (!model) {
    asked.set("exits", name);
    return looked && start();
  }
  if (!offer(name)) await renew();
  open(name);
});
// A run has finished, or one is deleted: there may be other models to choose from.
async function renew() {
  if (!looked) return;
  if (!model) return start();
  const now = await call("models", null);
  if (now.error) return;
  offered = now.models;
  drawModels();
}
for (const name of ["finished", "deleted"]) document.addEventListener(`effexplorer-${name}`, renew);
new MutationObserver(() => ready && requestAnimationFrame(redraw)).observe(
  document.documentElement,
  { attributes: true, attributeFilter: ["class"] },
);
awaited("Looking for models with exits.");
const seen = whenSeen(root, () => {
  seen.disconnect();
  start();
});
