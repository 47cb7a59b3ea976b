// Times, answers and fingerprints as staff read them.
import { spoken } from "../core/request.js";
import { language, words } from "./language.js";

/** @typedef {import("../core/request.js").Request} Request */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The clinic's zone, once the page knows it. */
let zone = "UTC";

/** @param {string} name */
export function setZone(name) {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    zone = name;
  } catch {
    // A browser that doesn't know the zone shows its own.
    zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  }
}

/** @param {number} time @param {Intl.DateTimeFormatOptions} options */
const format = (time, options) => new Intl.DateTimeFormat(language() === "es" ? "es-US" : "en-US", { timeZone: zone, ...options }).format(time);

/** The time of day. @param {number} time milliseconds since 1970 */
export const clock = (time) => format(time, { hour: "numeric", minute: "2-digit" }).replace(/\s*AM$/, "\u00a0am").replace(/\s*PM$/, "\u00a0pm");

/** Whether a number is an instant that a calendar knows (ECMA-262, section 21.4.1.1): a server may send any. @param {number} time milliseconds since 1970 */
const isTime = (time) => Math.abs(time) < 8.6e15;

/** A day, `November 1, 2026`. @param {number} time milliseconds since 1970 */
export const day = (time) => format(time, { dateStyle: "long" });

/**
 * An instant on the clinic's clock: `Today at 3:12 am`.
 *
 * @param {number} time milliseconds since 1970
 * @param {number} now milliseconds since 1970, by the server
 */
export function when(time, now) {
  if (!isTime(time)) return "–";
  const w = words().ages;
  const date = day(time);
  if (date === day(now)) return w.today(clock(time));
  return date === day(now - DAY) ? w.yesterday(clock(time)) : w.at(date, clock(time));
}

/** An instant with its date, for paper: it is looked at on another day. @param {number} time milliseconds since 1970 */
export const full = (time) => (isTime(time) ? words().ages.at(day(time), clock(time)) : "–");

/** The time of day of a whole hour, and what follows its number. @param {number} time */
const hour = (time) => (/^(\S+)(.*)$/.exec(format(time, { hour: "numeric" }).replace(/\s*AM$/, "\u00a0am").replace(/\s*PM$/, "\u00a0pm")) ?? ["", "–", ""]).slice(1);

/**
 * What is known to the hour alone: `Today, between 3 and 4 am`.
 *
 * @param {number} time milliseconds since 1970, when the hour begins
 * @param {number} now milliseconds since 1970, by the server
 */
export function within(time, now) {
  if (!isTime(time)) return "–";
  const w = words().ages;
  const date = day(time);
  const [[from, half], [to, otherHalf]] = [hour(time), hour(time + HOUR)];
  return w.between(date === day(now) ? w.todayItself : date === day(now - DAY) ? w.yesterdayItself : date, half === otherHalf ? `${from}` : `${from}${half}`, `${to}${otherHalf}`);
}

/**
 * How long ago something was: `5 minutes`, `3 hours`, `2 days`.
 *
 * @param {number} since milliseconds since 1970
 * @param {number} now milliseconds since 1970
 */
export function age(since, now) {
  const w = words().ages;
  const minutes = Math.max(0, Math.floor((now - since) / MINUTE));
  if (!Number.isFinite(minutes)) return "–";
  if (minutes < 1) return w.now;
  if (minutes < 60) return w.minutes(minutes);
  return minutes < 2880 ? w.hours(Math.floor(minutes / 60)) : w.days(Math.floor(minutes / 1440));
}

/** The same of what is known to the hour alone. @param {number} hour seconds since 1970 @param {number} now milliseconds */
export const ageOfHour = (hour, now) => (now - hour * 1000 < HOUR ? words().ages.thisHour : age(hour * 1000, now));

/** @param {Request} request */
export function times(request) {
  const w = words().answers;
  const chosen = request.times.map((time) => w.times[time]);
  return chosen.length === 0 ? w.anyTime : [chosen[0], ...chosen.slice(1).map((time) => time.toLowerCase())].join(", ");
}

/** The language to speak. @param {Request} request */
export function spokenWords(request) {
  const w = words().answers;
  if (request.language === "other" && request.other_language !== "") return request.other_language;
  if (request.language !== null) return languageName(request.language);
  const ofPage = spoken(request);
  return ofPage === null ? w.notSaid : w.notSaidPage(languageName(ofPage));
}

/** A language in words: what the browser calls it, where this page has no word of its own. @param {string} key */
export function languageName(key) {
  const named = /** @type {Record<string, string>} */ (words().answers.languages);
  return (Object.hasOwn(named, key) ? named[key] : new Intl.DisplayNames([language()], { type: "language" }).of(key)) ?? key;
}

/** @param {Request} request */
export const whom = (request) => (request.whom === null ? words().answers.notSaid : words().answers.whom[request.whom]);

/** What came of it. @param {import("../core/request.js").Outcome | null} outcome */
export const outcome = (outcome) => (outcome === null ? words().answers.outcomeUnknown : words().answers.outcomes[outcome]);

/** An address to show: a server's name without what every one has. @param {string} server */
export const place = (server) => server.replace(/^https?:\/\//, '');
