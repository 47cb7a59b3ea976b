// Opening what is sealed, many at a time, while the page goes on answering.

import { OpenError } from "./age.js";
import * as requests from "./request.js";

/** @typedef {import("./lists.js").Entry} Entry */

/** How long is opened without a pause, in milliseconds: the page answers in between. */
const SLICE = 24;

/** How often it is told that more is opened, in milliseconds. */
const TELL = 200;

/** Lets the page answer. Not by a timer: in a tab that nobody sees these come once a second. @returns {Promise<void>} */
function pause() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/**
 * What opens, and for whom.
 *
 * @typedef {object} Keys
 * @property {(sealed: string) => Promise<string>} open
 * @property {ReadonlySet<string>} known the public keys that this desk trusts requests to be sealed to
 */

/**
 * Opens an entry.
 *
 * @param {Entry} one
 * @param {Keys} keys
 * @param {AbortSignal} signal what is opened after it is let go of
 */
export async function openOne(one, { open, known }, signal) {
  /** @type {Pick<Entry, "request" | "why">} */
  let found;
  try {
    const request = requests.parse(await open(one.row.sealed));
    found = request.reference === one.row.reference ? { request, why: null } : { request: null, why: "exchanged" };
  } catch (error) {
    found = { request: null, why: error instanceof OpenError ? error.code : "damaged" };
  }
  if (signal.aborted) return;
  Object.assign(one, found);
  judge(one, known);
}

/**
 * Looks at an opened entry again: what is wrong with it, and who reads it.
 *
 * @param {Entry} one
 * @param {ReadonlySet<string>} known
 */
export function judge(one, known) {
  one.troubles = one.request === null ? [] : requests.troubles(one.row, one.request, known);
  one.strangers = one.request === null ? [] : requests.strangers(one.request, known);
}

/**
 * Opens all that isn't opened, and looks at all of them again.
 *
 * @param {readonly Entry[]} entries
 * @param {Keys} keys
 * @param {AbortSignal} signal ends it
 * @param {() => void} tell is called now and then, and at the end
 */
export async function openAll(entries, keys, signal, tell) {
  let [slice, told] = [performance.now(), performance.now()];
  for (const one of entries) {
    if (one.request !== null || one.why !== null) {
      judge(one, keys.known);
      continue;
    }
    await openOne(one, keys, signal);
    const now = performance.now();
    if (now - slice < SLICE) continue;
    if (now - told > TELL) {
      told = now;
      tell();
    }
    await pause();
    if (signal.aborted) return;
    slice = performance.now();
  }
  if (signal.aborted) return;
  const before = requests.askedBefore(entries.flatMap(({ request }) => request ?? []));
  for (const one of entries) one.before = before.get(one.row.reference) ?? null;
  tell();
}
