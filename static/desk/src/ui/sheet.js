// The sheet of paper for the safe: a private key as text and as a code, and what to do with it.
import { h } from "./dom.js";
import { fingerprinted } from "./fingerprint.js";
import { day, place } from "./format.js";
import { words } from "./language.js";
import { qr } from "./qr.js";

/** A long word in groups that can be read; what is selected is one word. @param {string} text */
const inGroups = (text) => h("code", { class: "groups", translate: "no" }, (text.match(/^AGE-SECRET-KEY-1|.{1,4}/g) ?? []).map((group) => h("span", {}, group)));

/**
 * @param {{ identity: string, recipient: string }} key
 * @param {string} server
 * @param {number} now milliseconds since 1970
 */
export function sheet(key, server, now) {
  const w = words().sheet;
  return h("section", { class: "sheet", "aria-labelledby": "sheet-heading" },
    h("h2", { id: "sheet-heading" }, w.heading),
    h("p", {}, `${w.of(place(server))}. ${w.made(day(now))}.`),
    h("p", {}, h("strong", {}, w.what)),
    h("p", {}, w.how),
    h("div", { class: "sheet-key" },
      qr(key.identity, w.code),
      h("dl", {},
        h("dt", {}, w.key), h("dd", {}, inGroups(key.identity)), h("dd", { class: "hint" }, w.keyHint),
        h("dt", {}, w.fingerprint), h("dd", {}, fingerprinted(key.recipient)),
        h("dt", {}, w.public), h("dd", {}, h("code", { class: "line-of-key" }, key.recipient)))));
}
