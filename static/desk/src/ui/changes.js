// Closing and opening again, and what is said of how it went.
import { fingerprint, grouped } from "../core/age.js";
import { shutOut } from "../core/changes.js";
import { spoken } from "./errors.js";
import { words } from "./language.js";

/**
 * @typedef {import("./app.js").App} App
 * @typedef {import("../core/request.js").Outcome} Outcome
 */

/** The outcome of what isn't a person's request. */
const JUNK = "not_a_request";

/**
 * Goes on where no key loses what it can read now; else asks first, above the screen.
 *
 * @param {App} app
 * @param {readonly string[]} references
 * @param {"close" | "reopen"} what
 * @param {() => unknown} go
 */
async function asked(app, references, what, go) {
  const losing = references.map((reference) => shutOut(app.entry(reference))).filter((keys) => keys.length > 0);
  if (losing.length === 0) return go();
  const prints = await Promise.all([...new Set(losing.flat())].map(async (key) => grouped(await fingerprint(key))));
  if (app.desk.state.phase === "locked") return undefined;
  app.show(app.place, app.argument, {
    text: () => words().done.shutOut(prints, losing.length, references.length, what),
    action: [() => words().done.allTheSame(references.length, what), go],
  });
  const box = document.querySelector("main .done");
  if (box instanceof HTMLElement) {
    box.tabIndex = -1;
    box.focus();
  }
  return undefined;
}

/**
 * Closes a request, when its form has asked what there is to ask. The draft goes when it is closed, and stays when it isn't.
 *
 * @param {App} app
 * @param {string} reference
 * @param {Outcome} outcome
 * @param {string} note
 */
export async function close(app, reference, outcome, note) {
  const result = await attempt(app, () => app.desk.close(reference, outcome, note));
  if (result !== "done") {
    differently(app, reference, result);
    return;
  }
  app.chosen.drafts.delete(reference);
  app.show("waiting", "", {
    text: () => words().done.closed(reference),
    action: [() => words().done.undo(reference), () => reopen(app, reference)],
  });
}

/** Opens a closed request again. @param {App} app @param {string} reference */
export const reopen = (app, reference) => asked(app, [reference], "reopen", () => reopenNow(app, reference));

/** @param {App} app @param {string} reference */
async function reopenNow(app, reference) {
  const result = await attempt(app, () => app.desk.reopen(reference));
  if (result !== "done") {
    differently(app, reference, result);
    return;
  }
  app.show("waiting", "", { text: () => words().done.reopened(reference) });
}

/** Closes many as junk. @param {App} app @param {string[]} references */
export const closeMany = (app, references) => asked(app, references, "close", () => closeManyNow(app, references));

/** @param {App} app @param {string[]} references */
async function closeManyNow(app, references) {
  const results = await attempt(app, () => app.desk.closeMany(references, JUNK, ""));
  if (typeof results === "string") return differently(app, "", results);
  const all = results.map(({ result }) => result);
  const count = (/** @type {string} */ wanted) => all.filter((result) => result === wanted).length;
  const [done, changed, gone] = [count("done"), count("changed"), count("gone")];
  // All that failed did so for one reason, mostly: the server could not be asked.
  const failed = all.filter((result) => !["done", "changed", "gone"].includes(result));
  app.chosen.selected.clear();
  app.show("waiting", "", {
    text: () => {
      const w = words().done;
      const parts = [w.closedMany(done), changed > 0 && w.changedMany(changed), gone > 0 && w.goneMany(gone), failed[0] !== undefined && `${w.failedMany(failed.length)} ${why(failed[0])}`];
      return parts.filter((part) => part !== false).join(" ");
    },
  });
  return undefined;
}

/** @param {string} result */
const why = (result) => (Object.hasOwn(words().results, result) ? /** @type {Record<string, string>} */ (words().results)[result] : undefined) ?? spoken({ code: result });

/**
 * Somebody was faster, or it can't be done. What was typed stays.
 *
 * @param {App} app
 * @param {string} reference
 * @param {string} result
 */
function differently(app, reference, result) {
  // Locked or signed out meanwhile: that is said on the first screen.
  if (app.desk.state.phase === "locked") return;
  const text = () => (result === "gone" ? words().done.gone(reference) : words().done.failed(why(result)));
  const message = result === "changed" ? changedMeanwhile(app, reference) : { text };
  if (app.entry(reference) !== undefined) app.show("request", reference, message);
  else app.show(app.chosen.from, "", message);
}

/**
 * Somebody else changed a request.
 *
 * @param {App} app
 * @param {string} reference
 * @returns {import("./app.js").Message}
 */
export function changedMeanwhile(app, reference) {
  const isClosed = app.desk.state.closed.some(({ row }) => row.reference === reference);
  const wrote = (app.chosen.drafts.get(reference)?.note ?? "") !== "";
  return {
    text: () => {
      const w = words().done;
      if (app.entry(reference) === undefined) return w.gone(reference);
      return `${isClosed ? w.changedClosed(reference) : w.changedWaiting(reference)}${wrote ? ` ${isClosed ? w.notSaved : w.stillHere}` : ""}`;
    },
  };
}

/**
 * Whatever else goes wrong has a code, too.
 *
 * @template T
 * @param {App} app
 * @param {() => Promise<T>} work
 * @returns {Promise<T | string>}
 */
async function attempt(app, work) {
  app.isChanging = true;
  try {
    return await work();
  } catch (error) {
    return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "unknown";
  } finally {
    app.isChanging = false;
  }
}
