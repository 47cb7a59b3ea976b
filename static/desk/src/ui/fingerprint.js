// Fingerprints of keys, on the screen as everywhere: eight groups of four.
import { fingerprint, grouped } from "../core/age.js";
import { h } from "./dom.js";

/** A fingerprint that is known. @param {string} print 32 hexadecimal digits */
export const printed = (print) => h("code", { class: "fingerprint" }, grouped(print).split(" ").flatMap((group) => [h("span", {}, group), " "]));

/** The fingerprint of a public key. @param {string} recipient */
export function fingerprinted(recipient) {
  const element = h("code", { class: "fingerprint" });
  void fingerprint(recipient).then((print) => element.replaceChildren(...printed(print).childNodes));
  return element;
}
