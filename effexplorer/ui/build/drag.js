// Steps change their places, by pointer, touch or keyboard.

// Moves a step; its neighbours move in the page, so that the card in hand keeps pointer and focus.
function move(step, index) {
  const from = steps.indexOf(step);
  if (index === from || index < 0 || index >= steps.length) return false;
  const tops = new Map([...list.children].map((card) => [card, card.getBoundingClientRect().top]));
  steps.splice(index, 0, ...steps.splice(from, 1));
  const card = cardOf(step);
  for (let at = from; at < index; at++) list.insertBefore(card.nextElementSibling, card);
  for (let at = from; at > index; at--)
    list.insertBefore(card.previousElementSibling, card.nextElementSibling);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  for (const [other, top] of tops) {
    const by = top - other.getBoundingClientRect().top;
    if (by && other !== card && !calm)
      other.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], {
        duration: 140,
        easing: "ease-out",
      });
  }
  nameHandles();
  return true;
}
function restore(order) {
  const changed = order.some((step, index) => steps[index] !== step);
  order.forEach((step, index) => move(step, index));
  if (changed) check("Order as before.");
}
function drag(event, step) {
  if (event.button) return;
  event.preventDefault();
  const handle = event.currentTarget,
    card = cardOf(step),
    before = [...steps];
  handle.focus({ preventScroll: true });
  handle.setPointerCapture(event.pointerId);
  const hold = event.clientY - card.getBoundingClientRect().top;
  card.classList.add("dragged");
  const follow = ({ clientY }) => {
    const middle = clientY - hold + card.offsetHeight / 2;
    const top = list.getBoundingClientRect().top;
    const others = steps.filter((other) => other !== step).map(cardOf);
    const passed = others.filter(
      (other) => top + other.offsetTop + other.offsetHeight / 2 < middle,
    ).length;
    if (move(step, passed)) check();
    card.style.transform = `translateY(${clientY - hold - top - card.offsetTop}px)`;
  };
  const end = (undo) => {
    handle.removeEventListener("pointermove", follow);
    handle.removeEventListener("pointerup", drop);
    handle.removeEventListener("pointercancel", cancel);
    document.removeEventListener("keydown", escape, true);
    card.classList.remove("dragged");
    card.style.transform = "";
    if (undo) restore(before);
    else if (before.some((step, index) => steps[index] !== step))
      check().then(() => say(where(step)));
  };
  const drop = () => end(false),
    cancel = () => end(true);
  const escape = (pressed) => {
    if (pressed.key === "Escape") {
      pressed.stopPropagation();
      cancel();
    }
  };
  handle.addEventListener("pointermove", follow);
  handle.addEventListener("pointerup", drop);
  handle.addEventListener("pointercancel", cancel);
  document.addEventListener("keydown", escape, true);
}
function release(keep) {
  if (!grabbed) return;
  const { step, before } = grabbed;
  grabbed = null;
  cardOf(step)?.classList.remove("grabbed");
  cardOf(step)?.querySelector(".handle").setAttribute("aria-pressed", "false");
  if (!keep) restore(before);
}
function keys(event, step) {
  const way = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const handle = event.currentTarget;
  if (way && (event.altKey || grabbed)) {
    event.preventDefault();
    if (move(step, steps.indexOf(step) + way)) check().then(() => say(where(step)));
  } else if (event.key === " " || event.key === "Enter") {
    event.preventDefault();
    if (grabbed) {
      release(true);
      say(`Dropped. ${where(step)}`);
      return;
    }
    grabbed = { step, before: [...steps] };
    handle.setAttribute("aria-pressed", "true");
    cardOf(step).classList.add("grabbed");
    say(`Grabbed ${where(step)} Arrows move, Space drops, Escape undoes.`);
  } else if (event.key === "Escape" && grabbed) {
    event.preventDefault();
    release(false);
  }
}
