// What the page's own code may hold, and what it must: read as text, since none of it runs without a browser.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";
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
