// The shapes of the server's answers. Each is looked at before anything of it is used: an answer that doesn't fit is none of this server's.

import { isRecipient } from "./age.js";
import { line } from "./request.js";

/** An answer that is no answer of the desk's interface. */
export class ShapeError extends Error {}

/**
 * What is true of an answer, or it is none.
 *
 * @param {boolean} fits
 * @returns {asserts fits}
 */
function must(fits) {
  if (!fits) throw new ShapeError("an answer of another shape");
}

/**
 * @param {unknown} value
 * @returns {Record<string, unknown>}
 */
export function object(value) {
  must(typeof value === "object" && value !== null && !Array.isArray(value));
  return /** @type {Record<string, unknown>} */ (value);
}

/**
 * @template T
 * @param {unknown} value
 * @param {number} most
 * @param {(item: unknown) => T} item
 * @returns {T[]}
 */
export function array(value, most, item) {
  must(Array.isArray(value) && value.length <= most);
  return value.map((one) => item(one));
}

/**
 * @param {number} most characters
 * @param {RegExp} [pattern]
 * @returns {(value: unknown) => string}
 */
export function text(most, pattern = /^/) {
  return (value) => {
    must(typeof value === "string" && value.length <= most && pattern.test(value));
    return value;
  };
}

/**
 * A whole number.
 *
 * @param {unknown} value
 * @param {number} [least]
 * @returns {number}
 */
export function number(value, least = 0) {
  must(typeof value === "number" && Number.isSafeInteger(value) && value >= least);
  return value;
}

/**
 * What is beside a ciphertext can be any text, if somebody wrote into the database: it is tidied and cut.
 *
 * @param {unknown} value
 * @returns {string}
 */
function beside(value) {
  must(typeof value === "string");
  return line(value.slice(0, 1000)).slice(0, 100);
}

/** 64 hexadecimal digits: a token, a session, a SHA-256. */
export const hex64 = text(64, /^[0-9a-f]{64}$/);

/** A key's fingerprint. */
export const hex32 = text(32, /^[0-9a-f]{32}$/);

/** Which state of the store an answer is about: any short text. */
export const revision = text(200);

/**
 * An instant in milliseconds since 1970.
 *
 * @param {unknown} value
 * @returns {number}
 */
export function instant(value) {
  const at = Date.parse(text(40, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)(value));
  must(Number.isFinite(at));
  return at;
}

/**
 * Days since 1970, or nothing.
 *
 * @param {unknown} value
 * @returns {number | null}
 */
function day(value) {
  return value === null ? null : number(value, Number.MIN_SAFE_INTEGER);
}

/**
 * @param {unknown} value
 * @returns {import("./server.js").State}
 */
function state(value) {
  must(value === "waiting" || value === "closed");
  return value;
}

/**
 * @param {unknown} value
 * @returns {import("./server.js").Row}
 */
export function row(value) {
  const whole = object(value);
  return {
    reference: beside(whole.reference),
    received_hour: number(whole.received_hour, Number.MIN_SAFE_INTEGER),
    language: beside(whole.language),
    closed_day: day(whole.closed_day),
    keys: beside(whole.keys),
    // How long it may be is for whoever opens it: one row that nobody can open must not hide the others.
    sealed: text(Infinity)(whole.sealed),
    history: array(whole.history, 10_000, (one) => {
      const entry = object(one);
      const key = beside(entry.key);
      return { state: state(entry.state), key: /^[0-9a-f]{32}$/.test(key) ? key : "", hour: number(entry.hour, Number.MIN_SAFE_INTEGER) };
    }),
  };
}

/**
 * Where the next page begins.
 *
 * @param {unknown} value
 * @returns {import("./server.js").Place | null}
 */
export function place(value) {
  if (value === null) return null;
  const whole = object(value);
  return {
    // As it came: the server looks it up.
    reference: text(1000)(whole.reference),
    received_hour: number(whole.received_hour, Number.MIN_SAFE_INTEGER),
    closed_day: day(whole.closed_day),
  };
}

/**
 * @param {unknown} value
 * @returns {string[] | null}
 */
export function readers(value) {
  if (value === null) return null;
  return array(value, 64, (one) => {
    must(isRecipient(one));
    return one;
  });
}
