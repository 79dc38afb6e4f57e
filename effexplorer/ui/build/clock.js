// The clock of a run: what it took so far and still will, also between two of its events.
/**
 * Returns how long a run has taken and how long it still will, in words.
 * @param {{state: string, started: ?number, latest: ?number, eta: ?number, fraction: number}} job
 * @param {number} now Unix time; past the newest event for as long as the run goes on
 */
function clockOf({ state, started, latest, eta, fraction }, now) {
  const going = ["queued", "running", "cancelling"].includes(state);
  const past = going ? Math.max(now, latest) : latest;
  return [
    state === "running" && `${Math.floor(fraction * 100)} %`,
    started != null && `${duration(past - started)} so far`,
    going && eta != null && `about ${duration(eta - (past - latest))} left`,
  ]
    .filter(Boolean)
    .join(", ");
}
/** Returns "45 s", "2 min 10 s" or "1 h 05 min". */
function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const two = (number) => String(number).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}
