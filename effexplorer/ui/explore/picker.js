// Picking a point of the plane by pointer or keyboard. Where several lie on one place, a small list
// asks which is meant.
const NEAR = 9; // pixels: points this close are one place to a pointer

/**
 * Returns the points that lie on the place of `chosen`, itself first, then by distance.
 * @template {{at: number[]}} Placed
 * @param {Placed[]} placed
 * @param {Placed} chosen
 * @returns {Placed[]}
 */
function nearby(placed, chosen) {
  const away = ({ at }) => Math.hypot(at[0] - chosen.at[0], at[1] - chosen.at[1]);
  const others = placed.filter((point) => point !== chosen && away(point) <= NEAR);
  return [chosen, ...others.sort((first, second) => away(first) - away(second))];
}

/**
 * Returns the list that a chart shows, and what opens it.
 * @param {HTMLElement} chart
 * @param {(id: string) => void} open
 */
function pointPicker(chart, open) {
  const list = el("ul", {
    class: "picker",
    role: "menu",
    "aria-label": "Runs at this place",
    hidden: true,
  });
  let current = -1;

  function close() {
    if (list.hidden) return;
    list.hidden = true;
    if (list.contains(document.activeElement)) chart.focus();
  }
  function choose(id) {
    close();
    open(id);
  }
  function pick(placed, chosen) {
    const here = nearby(placed, chosen);
    if (here.length === 1) return choose(chosen.id);
    show(
      list,
      here.map((point) =>
        el(
          "li",
          { role: "none" },
          el(
            "button",
            { type: "button", role: "menuitem", onclick: () => choose(point.id) },
            swatch(point.mark),
            el("span", { class: "name" }, point.letters),
            el("span", { class: "quiet" }, point.words),
          ),
        ),
      ),
    );
    list.hidden = false;
    const room = chart.parentElement.clientWidth - list.offsetWidth - 8;
    list.style.left = `${Math.max(8, Math.min(chosen.at[0] + 12, room))}px`;
    list.style.top = `${Math.max(8, chosen.at[1] + 12)}px`;
    list.querySelector("button").focus();
  }
  list.addEventListener("keydown", (event) => {
    const buttons = [...list.querySelectorAll("button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") close();
    else if (step) {
      const at = buttons.indexOf(document.activeElement);
      buttons[(at + step + buttons.length) % buttons.length].focus();
    } else return;
    event.preventDefault();
  });
  list.addEventListener("focusout", (event) => {
    if (!list.contains(event.relatedTarget)) close();
  });

  /** Moves from point to point by the arrow keys, from the cheapest on, and picks by Enter. */
  function byKey(event, placed, hover) {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    const order = [...placed].sort((first, second) => first.at[0] - second.at[0]);
    if (step && order.length) {
      current = current < 0 ? (step > 0 ? 0 : order.length - 1) : current + step;
      current = Math.max(0, Math.min(current, order.length - 1));
      hover(order[current]);
    } else if (event.key === "Enter" && order[current]) pick(placed, order[current]);
    else return;
    event.preventDefault();
  }
  return { list, pick, byKey, close };
}
