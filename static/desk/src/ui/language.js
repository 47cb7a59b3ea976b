// The language of the page: what the browser asks for, until somebody chooses. Nothing remembers the choice.
import { words as en } from "../words/en.js";
import { words as es } from "../words/es.js";

/** @typedef {"en" | "es"} Language */
/** @typedef {import("../words/en.js").Words} Words */

/** @type {Record<Language, Words>} */
const all = { en, es };

/** Each in its own words. @type {Record<Language, string>} */
export const names = { en: "English", es: "Español" };

/** @type {Language} */
let current = navigator.language.toLowerCase().startsWith("es") ? "es" : "en";

export const language = () => current;

/** @param {Language} chosen */
export function speak(chosen) {
  current = chosen;
  document.documentElement.lang = chosen;
}

/** The words of the current language. */
export const words = () => all[current];

/**
 * Each code of the core has words of its own; one that is added there doesn't build until it has.
 *
 * @typedef {import("../core/server.js").ServerCode} ServerCode
 * @typedef {import("../core/request.js").Trouble} Trouble
 * @typedef {NonNullable<import("../core/lists.js").Entry["why"]>} Why
 * @typedef {Exclude<import("../core/desk.js").Result, ServerCode | "done" | "changed" | "gone">} Unchanged
 */

/** @type {(words: Words) => [Record<ServerCode, string>, Record<Trouble, string>, Record<Why, string>, Record<Unchanged, string>]} */
export const held = ({ errors, troubles, why, results }) => [errors, troubles, why, results];

/**
 * The words for a code, whatever the code is: what a server or a database says is never looked up but among our own.
 *
 * @template {{ unknown: string }} T
 * @param {T} list
 * @param {string} code
 * @returns {string}
 */
export const wordsFor = (list, code) => (Object.hasOwn(list, code) ? /** @type {Record<string, string>} */ (/** @type {unknown} */ (list))[code] : undefined) ?? list.unknown;
