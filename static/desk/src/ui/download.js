// Files that leave the page: key files alone, and only when a button is pressed.
import { h } from "./dom.js";

/**
 * Saves a text as a file, where the browser puts downloads.
 *
 * @param {string} name
 * @param {string} text
 */
export function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
  h("a", { href: url, download: name }).click();
  // The browser has begun to read it; some ask for a folder first.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
