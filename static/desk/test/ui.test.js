// What the page's own code may hold, and what it must: read as text, since none of it runs without a browser.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";
import { parse } from "../src/core/request.js";
import { clearIfSpent, everything, fitting, inOrder } from "../src/ui/filter.js";
import { words as en } from "../src/words/en.js";
import { words as es } from "../src/words/es.js";

const folder = (/** @type {string} */ name) => new URL(`../src/${name}/`, import.meta.url);
const sources = ["core", "ui", "words"].flatMap((name) => readdirSync(folder(name)).map((file) => [`${name}/${file}`, readFileSync(new URL(file, folder(name)), "utf8")]));

/** Ways for a text to become markup or code, to be kept, or to get into the address. */
const WAYS = [
  "innerHTML", "outerHTML", "insertAdjacentHTML", "setHTMLUnsafe", "document.write", "createContextualFragment", "DOMParser", "eval(", "new Function", "srcdoc",
  ".style", "localStorage", "sessionStorage", "indexedDB", "document.cookie", "caches", "pushState", "replaceState", "location.", "window.open", "sendBeacon", "WebSocket",
];

test("nothing that is opened becomes markup, is kept, or gets into the address", () => {
  const code = (/** @type {string} */ text) => text.replace(/\/\*[^]*?\*\/|\/\/ .*/g, "");
  const found = sources.flatMap(([name, text = ""]) => WAYS.filter((way) => code(text).includes(way)).map((way) => `${name}: ${way}`));
  assert.deepEqual(found, []);
  // Text goes to the clipboard in one place: the public lines of a new key.
  assert.deepEqual(sources.filter(([, text = ""]) => text.includes("clipboard")).map(([name]) => name), ["ui/make.js"]);
});

test("the words are the same ones in both languages, and none is left untranslated", () => {
  /** @param {Record<string, any>} words @param {string} at @returns {[string, unknown][]} */
  const leaves = (words, at = "") => Object.entries(words).flatMap(([key, value]) => (typeof value === "object" ? leaves(value, `${at}${key}.`) : [[`${at}${key}`, value]]));
  const spanish = new Map(leaves(es));
  assert.deepEqual([...spanish.keys()].sort(), leaves(en).map(([key]) => key).sort());
  // "No" is both.
  const same = leaves(en).filter(([key, value]) => (value !== "No" && value === spanish.get(key)) || (typeof value === "function" && value.length !== 0 && typeof spanish.get(key) !== "function"));
  assert.deepEqual(same.map(([key]) => key), []);
});

test("a search is cleared when the last that fitted is gone, and each list has its own order", () => {
  const entry = (reference, name, closedAt = null) => ({
    row: { reference, received_hour: 0, closed_day: closedAt && 20_000 },
    request: parse(JSON.stringify({ version: 1, reference, received: "2026-11-01T10:00:00Z", page: "en", keys: [], name, closing: closedAt && { outcome: "booked", note: "", at: closedAt } })),
  });
  const [ana, casino] = [entry("0000-0001", "Ana"), entry("0000-0002", "Casino")];
  const filter = { ...everything("waiting"), search: "casino" };
  assert.equal(clearIfSpent([ana], filter), false, "a search that found none stays");
  filter.had = fitting([ana, casino], filter).length;
  assert.equal(clearIfSpent([ana, casino], filter), false);
  assert.equal(clearIfSpent([ana], filter), true);
  assert.deepEqual(fitting([ana], filter), [ana]);
  const closed = [entry("0000-0003", "A", "2026-11-02T10:00:00Z"), entry("0000-0004", "B", "2026-11-03T10:00:00Z")];
  assert.deepEqual(inOrder(closed, everything("closed"), "closed").map(({ request }) => request.name), ["B", "A"]);
});
