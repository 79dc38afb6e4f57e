// What a teacher's link takes away: `?hide=build,runs` hides tabs, `?lock=filters` locks controls.
const LOCKED = {
  filters: ".fx-plane .filters",
  question: ".fx-plane .question",
  pipeline: ".fx-builder > section:not(.launch)",
  orders: ".fx-orders .filters",
  text: ".fx-exits .say",
  threshold: ".fx-exits .dial",
};

/** Returns the names that the address lists under `key`, of those that are `known`. */
function listed(key, known) {
  const given = new URLSearchParams(window.location.search).get(key) || "";
  return given.split(",").filter((name) => known.includes(name));
}

/** Hides and locks what the page's address names, also what is drawn later. */
function takeAway(tabs) {
  const names = tabs.map(([id]) => id);
  const hidden = listed("hide", names).slice(0, names.length - 1); // one is always left
  const locks = listed("lock", Object.keys(LOCKED)).map((name) => LOCKED[name]);
  if (!hidden.length && !locks.length) return;
  const titles = tabs.filter(([id]) => hidden.includes(id)).map(([, title]) => title);
  let opened = false;
  const apply = () => {
    opened ||= openFirst(hidden);
    for (const tab of document.querySelectorAll(
      "#tabs [role=tab], #tabs .overflow-dropdown button",
    ))
      if (titles.includes(tab.textContent.trim())) tab.style.display = "none";
    for (const control of locks.length ? document.querySelectorAll(locks.join()) : [])
      control.inert = true;
  };
  apply();
  new MutationObserver(apply).observe(document.body, { childList: true, subtree: true });
}

// The page opens on Explore; where that is hidden, on the first tab that is not. Returns whether
// such a tab is open: tabs that are only just there take no click.
function openFirst(hidden) {
  const shown = [...document.querySelectorAll("#tabs [role=tab]")];
  const open = shown.find((tab) => tab.ariaSelected === "true");
  if (!open) return false;
  if (!hidden.includes(open.dataset.tabId)) return true;
  shown.find((tab) => !hidden.includes(tab.dataset.tabId))?.click();
  return false;
}

/** Returns the address of this page as the class should see it. */
function classLink(hidden, locks) {
  const url = new URL(window.location.href);
  for (const [key, names] of [
    ["hide", hidden],
    ["lock", locks],
  ]) {
    if (names.length) url.searchParams.set(key, names.join(","));
    else url.searchParams.delete(key);
  }
  return url.href;
}
