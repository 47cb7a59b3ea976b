// Files with private keys (age's identity files), as `clinic-site keys new`, `age-keygen` and this page write them: src/requests/keys.rs.

import { armor } from "age-encryption";
import { isRecipient, pair } from "./age.js";
import { WrongPassphrase, lock, unlock } from "./passphrase.js";

/** How a private key begins. */
const PRIVATE_MARK = "AGE-SECRET-KEY-";

/** A file that is locked with a passphrase; notes may stand around it. */
const LOCKED = /-----BEGIN AGE ENCRYPTED FILE-----[^]*?-----END AGE ENCRYPTED FILE-----/;

/** The most bytes of a file. */
const MOST = 64 * 1024;

/** The work of a new passphrase, as a power of two, as `age` has it: about a second. */
const WORK = 18;

/** The most work that a passphrase may ask for: more needs more memory than a browser gives. */
const MOST_WORK = 20;

/** The fewest characters of a new passphrase, as at `clinic-site keys new`. */
export const MIN_PASSPHRASE = 12;

/**
 * What a file holds.
 *
 * @typedef {object} KeyFile
 * @property {import("./age.js").KeyPair[]} keys
 * @property {string[]} readers public keys of others that this desk trusts requests to be sealed to: the lines `# reader: age1…`
 */

/** Why a file can't be used. */
export class KeyFileError extends Error {
  /**
   * @param {"locked" | "wrong_passphrase" | "not_a_key_file" | "broken_key" | "too_much_work"} code
   * @param {number} [line] which line it is, from 1
   */
  constructor(code, line) {
    super(code);
    this.name = "KeyFileError";
    this.code = code;
    this.line = line;
  }
}

/**
 * The text of a file, as editors save it: UTF-8, with or without the mark that Windows puts first, or UTF-16 with it. `null`: it is no text.
 *
 * @param {Uint8Array} bytes
 * @returns {string | null}
 */
function decoded(bytes) {
  const mark = `${bytes[0]} ${bytes[1]}`;
  const encoding = mark === "255 254" ? "utf-16le" : mark === "254 255" ? "utf-16be" : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/**
 * @param {string} text
 * @returns {Promise<KeyFile>}
 */
async function parse(text) {
  /** @type {KeyFile} */
  const file = { keys: [], readers: [] };
  for (const [at, whole] of text.split("\n").entries()) {
    const line = whole.trim();
    const reader = /^#\s*reader:\s*(\S+)$/.exec(line)?.[1];
    if (isRecipient(reader)) file.readers.push(reader);
    if (line.startsWith("#") || !line.includes(PRIVATE_MARK)) continue;
    const key = await pair(line).catch(() => null);
    // Keys of other kinds are age's too, but the program can't use them.
    if (key === null || !isRecipient(key.recipient)) throw new KeyFileError("broken_key", at + 1);
    file.keys.push(key);
  }
  if (file.keys.length === 0) throw new KeyFileError("not_a_key_file");
  return file;
}

/**
 * Reads a file. Whether it is locked is told by {@link KeyFileError} `locked`: then it is called again with the passphrase. Unlocking takes a second,
 * or several on a slow computer.
 *
 * @param {Uint8Array | string} file
 * @param {string} [passphrase]
 * @param {import("./passphrase.js").Progress} [onProgress]
 * @returns {Promise<KeyFile>} rejects with a {@link KeyFileError}
 */
export async function read(file, passphrase, onProgress) {
  if (file.length > MOST) throw new KeyFileError("not_a_key_file");
  const text = typeof file === "string" ? file.replace(/^\ufeff/, "") : decoded(file);
  if (text?.includes(PRIVATE_MARK)) return parse(text);
  const [bytes, work] = locked(file, text);
  if (work > MOST_WORK) throw new KeyFileError("too_much_work");
  if (passphrase === undefined) throw new KeyFileError("locked");
  let opened;
  try {
    opened = await unlock(bytes, passphrase, onProgress);
  } catch (error) {
    throw new KeyFileError(error instanceof WrongPassphrase ? "wrong_passphrase" : "not_a_key_file");
  }
  return parse(opened);
}

/**
 * The bytes of a locked file, and the work its passphrase takes.
 *
 * @param {Uint8Array | string} file
 * @param {string | null} text
 * @returns {[Uint8Array, number]}
 */
function locked(file, text) {
  let bytes = typeof file === "string" ? new Uint8Array() : file;
  const armored = text === null ? undefined : LOCKED.exec(text)?.[0];
  if (armored !== undefined) {
    try {
      const lines = armored.split("\n").map((line) => line.trim());
      bytes = armor.decode(lines.filter(Boolean).join("\n"));
    } catch {
      throw new KeyFileError("not_a_key_file");
    }
  }
  // The head of the file: one stanza alone, of a passphrase (https://age-encryption.org/v1).
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, 200));
  const work = /^age-encryption\.org\/v1\n-> scrypt [A-Za-z0-9+/]{22} ([1-9][0-9]?)\n[A-Za-z0-9+/]{43}\n--- /.exec(head)?.[1];
  if (work === undefined) throw new KeyFileError("not_a_key_file");
  return [bytes, Number(work)];
}

/**
 * The text of a file that holds these keys, locked if a passphrase is given: age, `clinic-site` and this page read it.
 *
 * @param {KeyFile} file
 * @param {object} [options]
 * @param {string} [options.passphrase]
 * @param {string} [options.comment] stands above, perhaps in several lines
 * @param {import("./passphrase.js").Progress} [options.onProgress]
 * @param {number} [options.work] less is for tests alone
 * @returns {Promise<string>}
 */
export async function write({ keys, readers }, { passphrase, comment = "", onProgress, work = WORK } = {}) {
  const text = [
    ...comment.split("\n").filter(Boolean).map((line) => `# ${line}`),
    ...keys.flatMap(({ identity, recipient }) => [`# public key: ${recipient}`, identity]),
    ...readers.map((reader) => `# reader: ${reader}`),
    "",
  ].join("\n");
  if (passphrase === undefined) return text;
  return armor.encode(await lock(text, passphrase, work, onProgress));
}
