// Who is there: the desk locks when nobody is, shows nothing where nobody looks, and doesn't go away unasked.

/** So long without a hand on it. */
const IDLE = 10 * 60_000;

/** How often that is looked at. It is also looked at before a hand counts: after a sleep, the first key must not keep the desk open. */
const LOOK = 5_000;

/**
 * @param {object} desk
 * @param {() => boolean} desk.isOpen
 * @param {() => boolean} desk.isSecret
 * @param {(why: "idle") => void} desk.lock
 * @param {() => void} desk.forget
 * @param {(hidden: boolean) => void} desk.hide
 * @param {() => void} desk.nudge
 */
export function guard(desk) {
  // By both clocks: one stops while the computer sleeps, the other can be set back.
  const clocks = () => [Date.now(), performance.now()];
  let touched = clocks();
  let leaving = 0;
  const look = () => {
    const since = clocks().map((now, at) => now - (touched[at] ?? now));
    if (desk.isOpen() && since.some((time) => time >= IDLE)) desk.lock("idle");
  };
  const hand = () => {
    look();
    touched = clocks();
  };
  for (const name of ["pointerdown", "pointermove", "wheel", "keydown", "touchstart", "input"]) addEventListener(name, hand, { capture: true, passive: true });
  setInterval(look, LOOK);

  document.addEventListener("visibilitychange", () => {
    look();
    desk.hide(document.hidden && desk.isSecret());
    if (!document.hidden) desk.nudge();
  });
  addEventListener("online", desk.nudge);
  // Also when the browser keeps the page to come back to: then it comes back locked.
  addEventListener("pagehide", desk.forget);
  // The Back button, a reload and a closed tab end the desk: somebody who meant the list is asked first.
  addEventListener("beforeunload", (event) => {
    if ((desk.isOpen() || desk.isSecret()) && Date.now() > leaving) event.preventDefault();
  });
  // A file that is dropped beside its place would be opened by the browser, and its name be in the history.
  for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());

  return {
    /** A number is about to be dialed: some browsers take that for leaving the page. */
    away() {
      leaving = Date.now() + 2_000;
    },
  };
}
