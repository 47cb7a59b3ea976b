// What went wrong, in our own words: a server's are never shown.
import { words, wordsFor } from "./language.js";

/** What an error is in words. @param {unknown} error */
export function spoken(error) {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : "unknown";
  return wordsFor(words().errors, String(code));
}
