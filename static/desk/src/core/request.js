// What a sealed request holds (src/requests/request.rs), read with as little trust as the program has: anybody who can write into the database can
// seal a text of their own, because public keys are public.

import { isRecipient } from "./age.js";

/** The length of every plaintext in bytes (`PLAINTEXT_BYTES` in src/requests/seal.rs): the length of a ciphertext tells nothing. */
export const PLAINTEXT_BYTES = 6 * 1024;

/** The most characters of a note about an outcome (`Closing::MAX_NOTE`). */
export const MAX_NOTE = 300;

/** The answers among which people choose, in the order in which they are shown. */
export const CHOICES = /** @type {const} */ ({
  message: ["named", "discreet", "no"],
  times: ["morning", "afternoon", "evening", "night"],
  language: ["english", "spanish", "other"],
  whom: ["me", "someone_else"],
  outcome: ["booked", "not_now", "not_reached", "asked_before", "not_a_request"],
});

/** @typedef {(typeof CHOICES)["message"][number]} Message */
/** @typedef {(typeof CHOICES)["times"][number]} TimeOfDay */
/** @typedef {string} ReplyLanguage one of `CHOICES.language`, or the tag of another language of the site (BCP 47) */
/** @typedef {(typeof CHOICES)["whom"][number]} Whom */
/** @typedef {(typeof CHOICES)["outcome"][number]} Outcome */

/**
 * What staff noted when they closed a request.
 *
 * @typedef {object} Closing
 * @property {Outcome | null} outcome `null`: one that this page doesn't know yet
 * @property {string} note in words of their own, perhaps in several lines
 * @property {string} at when, to the minute (RFC 3339, UTC)
 */

/**
 * A request that was opened. All texts are tidied, and none is markup: they are shown as text. A choice that isn't known is none.
 *
 * @typedef {object} Request
 * @property {string} reference
 * @property {string} received when it came in, to the minute (RFC 3339, UTC)
 * @property {string} page the tag of the language of the page it was asked on
 * @property {string} name
 * @property {string} phone the number as people read it
 * @property {string} phone_typed as it was typed, where that says more; or empty
 * @property {Message | null} message no answer is no permission
 * @property {TimeOfDay[]} times none: any
 * @property {ReplyLanguage | null} language
 * @property {string} other_language
 * @property {Whom | null} whom
 * @property {string} note perhaps in several lines
 * @property {string[]} keys the public keys that it names as its readers
 * @property {Closing | null} closing
 * @property {Record<string, unknown>} whole all that was sealed, with what a later version added: it is sealed again as it was
 */

/** Something else was sealed than a request. */
export class RequestError extends Error {
  /** @param {"not_a_request" | "too_long"} code */
  constructor(code) {
    super(code);
    this.name = "RequestError";
    this.code = code;
  }
}

// --- Tidy texts (src/requests/text.rs) ---

/** What nobody sees: control characters, and those that turn the direction of writing. Line breaks stay. */
const UNWANTED = /(?!\n)[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * Text of one line, without what can't be seen.
 *
 * @param {string} text
 * @returns {string}
 */
export function line(text) {
  return text.replaceAll("\t", " ").replace(UNWANTED, "").split(/\s+/u).filter(Boolean).join(" ");
}

/**
 * Text of several lines, without what can't be seen.
 *
 * @param {string} text
 * @returns {string}
 */
export function lines(text) {
  const visible = text.replace(/\r\n?/g, "\n").replaceAll("\t", " ").replace(UNWANTED, "");
  return visible.split("\n").map((one) => one.trimEnd()).join("\n").trim();
}

export const tidy = { line, lines };

/**
 * How many characters a text has, counted as the program does: code points.
 *
 * @param {string} text
 * @returns {number}
 */
export function length(text) {
  return [...text].length;
}

// --- Reading and writing ---

/**
 * A text of a request. One that isn't there is empty; half a character is no text, as the program sees it.
 *
 * @param {unknown} value
 * @param {(text: string) => string} tidied
 * @returns {string}
 */
function text(value, tidied = line) {
  if (value === undefined) return "";
  if (typeof value !== "string" || /\p{Surrogate}/u.test(value)) throw new RequestError("not_a_request");
  return tidied(value);
}

/**
 * A choice; one that isn't known is none.
 *
 * @template {string} T
 * @param {readonly T[]} known
 * @param {unknown} value
 * @returns {T | null}
 */
function choice(known, value) {
  return known.find((one) => one === value) ?? null;
}

/** The tag of a language with its script or its territory, as the program has them (`Lang` in src/lang.rs). @param {unknown} value @returns {string | null} */
const tag = (value) => (typeof value === "string" && /^[a-z]{2,3}(?:-(?:[A-Z][a-z]{3}|[A-Z]{2}|[0-9]{3}))?$/.test(value) ? value : null);

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * @param {unknown} value
 * @returns {unknown[]}
 */
function array(value) {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new RequestError("not_a_request");
  return value;
}

/**
 * Reads what was sealed.
 *
 * @param {string} plaintext
 * @returns {Request}
 * @throws {RequestError} it is no request
 */
export function parse(plaintext) {
  let whole;
  try {
    whole = JSON.parse(plaintext);
  } catch {
    throw new RequestError("not_a_request");
  }
  if (!isObject(whole) || !Number.isInteger(whole.version) || [whole.reference, whole.received, whole.page, whole.keys].includes(undefined)) {
    throw new RequestError("not_a_request");
  }
  const { closing = null } = whole;
  if (closing !== null && !isObject(closing)) throw new RequestError("not_a_request");
  const times = array(whole.times);
  return {
    reference: text(whole.reference),
    received: text(whole.received),
    page: text(whole.page),
    name: text(whole.name),
    phone: text(whole.phone),
    phone_typed: text(whole.phone_typed),
    message: choice(CHOICES.message, whole.message),
    times: CHOICES.times.filter((time) => times.includes(time)),
    language: choice(CHOICES.language, whole.language) ?? tag(whole.language),
    other_language: text(whole.other_language),
    whom: choice(CHOICES.whom, whole.whom),
    note: text(whole.note, lines),
    keys: array(whole.keys).map((key) => text(key)),
    closing: closing && { outcome: choice(CHOICES.outcome, closing.outcome), note: text(closing.note, lines), at: text(closing.at) },
    whole,
  };
}

/**
 * The same request with another end.
 *
 * @param {Request} request
 * @param {Closing | null} closing
 * @returns {Request}
 */
function withClosing(request, closing) {
  return { ...request, closing, whole: { ...request.whole, closing } };
}

/**
 * The request, closed.
 *
 * @param {Request} request
 * @param {{outcome: Outcome, note: string, at: number}} closing `at` in milliseconds since 1970, by the server's clock
 * @returns {Request}
 * @throws {RequestError} the note is longer than {@link MAX_NOTE}
 */
export function close(request, { outcome, note, at }) {
  const tidied = lines(note);
  if (length(tidied) > MAX_NOTE) throw new RequestError("too_long");
  return withClosing(request, { outcome, note: tidied, at: minute(at) });
}

/**
 * The request as it waits again: what came of it is forgotten.
 *
 * @param {Request} request
 * @returns {Request}
 */
export function reopen(request) {
  return withClosing(request, null);
}

/**
 * An instant to the minute (RFC 3339, UTC).
 *
 * @param {number} instant milliseconds since 1970
 * @returns {string}
 */
function minute(instant) {
  return `${new Date(instant).toISOString().slice(0, 16)}:00Z`;
}

/**
 * What is sealed: JSON, filled with spaces to the one length.
 *
 * @param {Request} request
 * @returns {string}
 * @throws {RequestError} it is longer
 */
export function plaintext(request) {
  const json = JSON.stringify(request.whole);
  const room = PLAINTEXT_BYTES - new TextEncoder().encode(json).length;
  if (room < 0) throw new RequestError("too_long");
  return json + " ".repeat(room);
}

// --- Does the row agree with what is sealed in it? ---

/**
 * What is wrong between a row and the request in it. The database is not trusted: whoever writes into it can't seal what staff noted, but can move
 * rows, put an old ciphertext back, or change the day.
 *
 * - `closed_unsealed`: it is stored as closed, and nobody sealed that it is; it counts as waiting.
 * - `waits_though_closed`: it is stored as waiting, and a closing is sealed in it.
 * - `history_differs`: the last that its history tells is not the state it is stored in; or it was longer before.
 * - `day_differs`: it is stored as closed on another day than is sealed in it, and is deleted by that day.
 * - `stranger`: it names a reader that this desk doesn't know; nothing is sealed to that one.
 *
 * @typedef {"closed_unsealed" | "waits_though_closed" | "history_differs" | "day_differs" | "stranger"} Trouble
 */

/**
 * @param {import("./server.js").Row} row
 * @param {Request} request
 * @param {ReadonlySet<string>} known the public keys that this desk trusts requests to be sealed to
 * @returns {Trouble[]}
 */
export function troubles(row, request, known) {
  const isClosed = row.closed_day !== null;
  const last = row.history.at(-1);
  const days = row.closed_day === null || request.closing === null ? 0 : row.closed_day - Date.parse(request.closing.at) / 86_400_000;
  /** @type {[boolean, Trouble][]} */
  const found = [
    [isClosed && request.closing === null, "closed_unsealed"],
    [!isClosed && request.closing !== null, "waits_though_closed"],
    [row.rewritten === true || (last !== undefined && (last.state === "closed") !== isClosed), "history_differs"],
    // Sealed a moment before midnight, stored after it: the day may be the next one.
    [!(days > -1.01 && days < 1.01), "day_differs"],
    [strangers(request, known).length > 0, "stranger"],
  ];
  return found.filter(([is]) => is).map(([, code]) => code);
}

/**
 * The readers a request names that this desk doesn't know.
 *
 * @param {Request} request
 * @param {ReadonlySet<string>} known
 * @returns {string[]}
 */
export function strangers(request, known) {
  return request.keys.filter((key) => !known.has(key));
}

/**
 * To whom a request is sealed again: the readers it names, as far as this desk knows them.
 *
 * @param {Request} request
 * @param {ReadonlySet<string>} known
 * @returns {string[]}
 */
export function readers(request, known) {
  return [...new Set(request.keys)].filter((key) => isRecipient(key) && known.has(key));
}

// --- What staff want to know of it ---

/**
 * The language to speak: the one that was chosen, or else that of the page. `null`: nobody knows.
 *
 * @param {Request} request
 * @returns {ReplyLanguage | null}
 */
export function spoken(request) {
  const ofPage = /** @type {Record<string, ReplyLanguage>} */ ({ en: "english", es: "spanish" });
  return request.language ?? (Object.hasOwn(ofPage, request.page) ? (ofPage[request.page] ?? null) : tag(request.page));
}

/** Ten digits of the United States or a neighbor, as `american` in src/phone.rs has them. */
const AMERICAN = /^(?:\+?1)?((?!.11|.9|37|96|([2-79])\2\2)[2-9][0-9]{2}(?!.11)[2-9][0-9]{6}|8(?:00|33|44|55|66|77|88).11[0-9]{4})$/;

/**
 * What a `tel:` link dials (RFC 3966), without an extension. Numbers are stored as people read them (`916-555-0100 x12`, `+442079460018`); of what
 * older versions stored as it was typed, the plain spellings are understood. `null`: somebody has to read it.
 *
 * @param {string} phone
 * @returns {string | null}
 */
export function dialled(phone) {
  const number = /^(\+?[0-9](?:[ ().-]*[0-9]){6,14})(?: x[0-9]{1,6})?$/.exec(phone.replace(/^\(/, ""))?.[1];
  if (number === undefined) return null;
  const compact = number.replace(/[^0-9+]/g, "");
  const american = AMERICAN.exec(compact)?.[1];
  if (american !== undefined) return `+1${american}`;
  return /^\+[2-9][0-9]+$/.test(number) ? number : null;
}

/**
 * An earlier request that may be of the same person.
 *
 * @typedef {object} Before
 * @property {string} reference
 * @property {"number" | "name"} what what is the same
 */

/**
 * For each request the last one before it with the same number, or else with the same name, by reference. Times are to the minute: of those of one
 * minute, the order is that of their references, and the first points to the next, so that whichever waits says that there is another.
 *
 * @param {readonly Request[]} requests in any order
 * @returns {Map<string, Before>}
 */
export function askedBefore(requests) {
  /** @type {Map<string, Request>} */
  const numbers = new Map();
  /** @type {Map<string, Request>} */
  const names = new Map();
  /** @type {Map<string, Before>} */
  const found = new Map();
  const inOrder = [...requests].sort((a, b) => (a.received < b.received || (a.received === b.received && a.reference < b.reference) ? -1 : 1));
  for (const request of inOrder) {
    const { reference, received, phone, name } = request;
    const [number, called] = [dialled(phone) ?? phone, name.toLowerCase()];
    const [byNumber, byName] = [numbers.get(number), names.get(called)];
    numbers.set(number, request);
    names.set(called, request);
    const before = byNumber ?? byName;
    if (before === undefined) continue;
    /** @type {Before["what"]} */
    const what = byNumber === undefined ? "name" : "number";
    found.set(reference, { reference: before.reference, what });
    if (before.received === received && !found.has(before.reference)) found.set(before.reference, { reference, what });
  }
  return found;
}
