// Files that a passphrase locks (scrypt, https://age-encryption.org/v1). age's library does the work in one go, in which a page stands still for
// seconds on a slow computer: here it lets the page answer, and tells how far it is.

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { base64nopad } from "@scure/base";
import { Decrypter, Encrypter, Stanza } from "age-encryption";

/** @typedef {(part: number) => void} Progress told how much is done, from 0 to 1 */

/** How long it works without a pause, in milliseconds. */
const SLICE = 40;

/** The passphrase doesn't open it. */
export class WrongPassphrase extends Error {}

/**
 * What seals the file's key, and opens it again.
 *
 * @param {string} passphrase
 * @param {Uint8Array} salt
 * @param {number} work a power of two
 * @param {Progress | undefined} onProgress
 */
async function box(passphrase, salt, work, onProgress) {
  const label = new TextEncoder().encode("age-encryption.org/v1/scrypt");
  const options = { N: 2 ** work, r: 8, p: 1, dkLen: 32, asyncTick: SLICE, ...(onProgress && { onProgress }) };
  const key = await scryptAsync(passphrase, Uint8Array.from([...label, ...salt]), options);
  return chacha20poly1305(key, new Uint8Array(12));
}

/**
 * @param {string} text
 * @param {string} passphrase
 * @param {number} work a power of two
 * @param {Progress} [onProgress]
 * @returns {Promise<Uint8Array>}
 */
export async function lock(text, passphrase, work, onProgress) {
  const encrypter = new Encrypter();
  encrypter.addRecipient({
    async wrapFileKey(fileKey) {
      const salt = crypto.getRandomValues(new Uint8Array(16));
      const body = (await box(passphrase, salt, work, onProgress)).encrypt(fileKey);
      return [new Stanza(["scrypt", base64nopad.encode(salt), String(work)], body)];
    },
  });
  return encrypter.encrypt(text);
}

/**
 * @param {Uint8Array} bytes a file whose head is known to be that of a passphrase
 * @param {string} passphrase
 * @param {Progress} [onProgress]
 * @returns {Promise<string>} rejects with {@link WrongPassphrase}, or another error if the file is damaged
 */
export async function unlock(bytes, passphrase, onProgress) {
  const decrypter = new Decrypter();
  decrypter.addIdentity({
    async unwrapFileKey([{ args: [, salt = "", work], body } = new Stanza([], new Uint8Array())]) {
      const opens = await box(passphrase, base64nopad.decode(salt), Number(work), onProgress);
      try {
        return opens.decrypt(body);
      } catch {
        throw new WrongPassphrase();
      }
    },
  });
  return decrypter.decrypt(bytes, "text");
}
