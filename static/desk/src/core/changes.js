// Closing a request and opening it again: what is sent to the server, and what it then is.

import { isRecipient, seal, sha256 } from "./age.js";
import * as requests from "./request.js";
import { ServerError } from "./server.js";

/** @typedef {import("./lists.js").Entry} Entry */
/** @typedef {import("./server.js").Change} Change */
/** @typedef {import("./server.js").State} State */
/** @typedef {import("./server.js").Row} Row */
/** @typedef {import("./server.js").ServerCode} ServerCode */

/** How many changes go in one call. The server takes 50; so many pass a proxy that lets 128 KiB through. */
export const CHANGES = 12;

/**
 * What came of closing a request or opening it again.
 *
 * - `done`
 * - `changed`: somebody was faster; the entry is now as the server has it, and what was written is not saved
 * - `gone`: it was deleted
 * - `wrong_shape`: the server doesn't take it
 * - `unreadable`: it isn't opened, so it can't be changed
 * - `not_for_us`: it would be sealed to keys that aren't this desk's; nothing was sent
 * - `too_long`: it doesn't fit with the note; nothing was sent
 * - or why the server could not be asked: it may be changed or not, and trying again does no harm
 *
 * @typedef {"changed" | "done" | "gone" | "not_for_us" | "unreadable" | ServerCode} Result
 */

/**
 * A change of an entry: sealed to the readers that it names, as far as this desk knows them.
 *
 * @param {Entry | undefined} one
 * @param {State} state
 * @param {(request: requests.Request) => requests.Request} change
 * @param {{known: ReadonlySet<string>, own: readonly string[]}} keys
 * @returns {Promise<Change | Result>} the change, or why there is none
 */
export async function changeOf(one, state, change, { known, own }) {
  if (one === undefined || one.request === null) return "unreadable";
  const to = requests.readers(one.request, known);
  // Whoever wrote a request of their own into the database may have named keys that shut the staff out.
  if (!to.some((key) => own.includes(key))) return "not_for_us";
  try {
    const sealed = await seal(requests.plaintext(change(one.request)), to);
    return { reference: one.row.reference, state, sealed, was: sha256(one.row.sealed) };
  } catch (error) {
    return error instanceof requests.RequestError ? "too_long" : "not_for_us";
  }
}

/** The stanza of one reader, in the head of an age file (https://age-encryption.org/v1). */
const STANZA = /^-> X25519 /gm;

/** To how many keys a text is sealed. @param {string} sealed */
function sealedTo(sealed) {
  try {
    return atob(sealed.replace(/-----[^-]*-----|\s/g, "")).match(STANZA)?.length ?? 0;
  } catch {
    return 0;
  }
}

/**
 * The keys that can read a request now and can't any more when this desk has changed it, since it doesn't know them. Those that an earlier change
 * has shut out are named in it still, but it isn't sealed to them.
 *
 * @param {Entry | undefined} one
 * @returns {string[]} public keys
 */
export function shutOut(one) {
  if (!one || one.request === null) return [];
  const named = new Set(one.request.keys.filter(isRecipient));
  const unknown = [...new Set(one.strangers)].filter((key) => named.has(key));
  return sealedTo(one.row.sealed) > named.size - unknown.length ? unknown : [];
}

/**
 * Sends changes; once more if no answer came: the server knows a change that it has made already.
 *
 * @param {import("./server.js").Server} server
 * @param {Change[]} changes at most {@link CHANGES}
 * @param {import("./watch.js").Time} time
 */
export async function send(server, changes, time) {
  try {
    return await server.change(changes);
  } catch (error) {
    if (!(error instanceof ServerError) || error.code !== "unreachable") throw error;
    await new Promise((resolve) => time.setTimeout(() => resolve(undefined), 1000));
    return server.change(changes);
  }
}

/**
 * The row as a change has made it, where the server doesn't give it.
 *
 * @param {Row} row
 * @param {Change} change
 * @param {number} now by the server's clock, in milliseconds since 1970
 * @param {string} key the fingerprint of whose change it is
 * @returns {Row}
 */
export function changedRow(row, { state, sealed }, now, key) {
  const hour = Math.floor(now / 3_600_000) * 3600;
  const closed_day = state === "closed" ? Math.floor(now / 86_400_000) : null;
  return { ...row, closed_day, sealed, history: [...row.history, { state, key, hour }] };
}
