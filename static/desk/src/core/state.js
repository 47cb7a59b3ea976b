// What the page shows of the desk.

import { isRecipient } from "./age.js";
import { MOST, waits } from "./lists.js";

/** @typedef {import("./lists.js").Entry} Entry */
/** @typedef {import("./server.js").ServerCode} ServerCode */

/**
 * What the page shows. It is read, never written to.
 *
 * @typedef {object} DeskState
 * @property {"locked" | "opening" | "open"} phase `opening`: the first are there, the others follow
 * @property {ServerCode | null} reason why it was locked by itself
 * @property {{done: number, total: number}} progress how many of those that are loaded by themselves are opened
 * @property {Entry[]} waiting in no order that people would want
 * @property {Entry[]} closed the same
 * @property {{waiting: number, closed: number}} counts how many there are in all
 * @property {{waiting: boolean, closed: boolean}} more whether there are some that aren't loaded
 * @property {string[]} own the fingerprints of the keys that it is open with
 * @property {string[]} readers the public keys that it trusts requests to be sealed to, its own among them
 * @property {string[]} trusted those that are trusted until it is locked
 * @property {string[]} strangers the public keys that the server seals to, or a request names, and that it doesn't know
 * @property {number} keepDays after how many days what is closed is deleted; 0: never
 * @property {number} clockOff how many minutes this computer's clock is ahead of the server's, if it is more than ten; or else 0
 * @property {"good" | "lost"} connection
 */

/**
 * The state of a desk that nobody has opened.
 *
 * @returns {DeskState}
 */
export function locked() {
  return {
    phase: "locked",
    reason: null,
    progress: { done: 0, total: 0 },
    waiting: [],
    closed: [],
    counts: { waiting: 0, closed: 0 },
    more: { waiting: false, closed: false },
    own: [],
    readers: [],
    trusted: [],
    strangers: [],
    keepDays: 0,
    clockOff: 0,
    connection: "good",
  };
}

/** The most strangers that are named. */
const STRANGERS = 20;

/**
 * Brings a state up to date.
 *
 * @param {DeskState} state
 * @param {object} from
 * @param {Record<import("./server.js").State, import("./lists.js").List>} from.lists
 * @param {Record<import("./server.js").State, number>} from.stored how many there are of each by the server
 * @param {readonly string[]} from.sealsTo the keys that the server seals to
 * @param {ReadonlySet<string>} from.known the keys that are trusted
 */
export function show(state, { lists, stored, sealsTo, known }) {
  const all = [...lists.waiting.entries, ...lists.closed.entries];
  state.waiting = all.filter(waits);
  state.closed = all.filter((one) => !waits(one));
  const moved = state.waiting.length - lists.waiting.entries.length;
  state.counts = { waiting: stored.waiting + moved, closed: Math.max(0, stored.closed - moved) };
  state.more = { waiting: lists.waiting.next !== null, closed: lists.closed.next !== null };
  state.readers = [...known];
  const named = [...sealsTo, ...all.flatMap((one) => one.strangers)];
  state.strangers = [...new Set(named)].filter((key) => isRecipient(key) && !known.has(key)).slice(0, STRANGERS);
  const total = Math.max(all.length, Math.min(MOST, stored.waiting) + Math.min(MOST, stored.closed));
  const done = all.filter(({ request, why }) => request !== null || why !== null).length;
  state.progress = { done, total: all.length === 0 ? 0 : total };
}
