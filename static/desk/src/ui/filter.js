// What is looked for in a list, and in which order it is shown. It knows no page.
import { CHOICES, spoken } from "../core/request.js";

/**
 * @typedef {import("../core/lists.js").Entry} Entry
 * @typedef {import("../core/request.js").Request} Request
 * @typedef {Entry & { request: Request }} Opened
 *
 * @typedef {object} Filter Of one list.
 * @property {string} search
 * @property {string} order `first`: what waits longest, or was closed longest ago; `last`: the other way around
 * @property {string} time
 * @property {string} speak
 * @property {number} had How many fitted when the list was last shown.
 */

/** What is shown before anybody chooses: who waits longest, and what was closed last. @param {"waiting" | "closed"} list @returns {Filter} */
export const everything = (list) => ({ search: "", order: list === "waiting" ? "first" : "last", time: "", speak: "", had: 0 });

/** @param {Filter} filter */
export const isNarrow = ({ search, time, speak }) => search !== "" || time !== "" || speak !== "";

/** @param {Filter} filter */
export const clear = (filter) => Object.assign(filter, { search: "", time: "", speak: "" });

/** @param {Entry} entry @returns {entry is Opened} */
export const isOpened = (entry) => entry.request !== null;

/** When it came in: by the request, or by the hour that is stored beside it. @param {Pick<Entry, "row" | "request">} entry */
export const received = (entry) => (entry.request === null ? NaN : Date.parse(entry.request.received)) || entry.row.received_hour * 1000;

/** When it was closed, as far as that is known. @param {Opened} entry */
const closed = ({ row, request }) => Date.parse(request.closing?.at ?? "") || (row.closed_day ?? 0) * 86_400_000;

/** @param {Opened[]} entries @param {Filter} filter @param {"waiting" | "closed"} list */
export function inOrder(entries, { order }, list) {
  const sorted = entries.map((entry) => ({ entry, at: list === "waiting" ? received(entry) : closed(entry) }));
  sorted.sort((a, b) => a.at - b.at || (a.entry.row.reference < b.entry.row.reference ? -1 : 1));
  if (order === "last") sorted.reverse();
  return sorted.map(({ entry }) => entry);
}

/** @param {string} text */
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** What is searched: numbers are found however they are grouped. @param {Request} request @param {string} search */
function matches(request, search) {
  if (search === "") return true;
  const text = plain([request.name, request.phone, request.phone_typed, request.reference, request.note, request.other_language, request.closing?.note ?? ""].join("\n"));
  const digits = search.replace(/[\s().+-]/g, "");
  return text.includes(plain(search)) || (/^\d{3,}$/.test(digits) && request.phone.replace(/\D/g, "").includes(digits));
}

/** Whether it is to be spoken in a language; every one without a name in the list of choices is another one. @param {Request} request @param {string} speak */
function speaks(request, speak) {
  const own = spoken(request);
  return speak === "" || own === speak || (speak === "other" && own !== null && !CHOICES.language.some((known) => known === own));
}

/** Those that fit. Who named no time can be called at any. @param {readonly Entry[]} entries @param {Filter} filter */
export const fitting = (entries, { search, time, speak }) => entries.filter(isOpened).filter(({ request }) =>
  (time === "" || request.times.length === 0 || request.times.some((one) => one === time)) && speaks(request, speak) && matches(request, search));

/**
 * Clears what is looked for when the last that fitted is gone, as after a search for junk that is closed. A search that never found any stays.
 *
 * @param {readonly Entry[]} entries
 * @param {Filter} filter
 * @returns {boolean} whether it was cleared
 */
export function clearIfSpent(entries, filter) {
  const isSpent = isNarrow(filter) && filter.had > 0 && fitting(entries, filter).length === 0;
  if (isSpent) clear(filter);
  return isSpent;
}
