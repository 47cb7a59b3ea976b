// Sealing and opening by age (https://age-encryption.org/v1), with X25519 keys alone, as the server has them.

import { sha256 as hash } from "@noble/hashes/sha2.js";
import { bech32 } from "@scure/base";
import { Decrypter, Encrypter, armor, generateX25519Identity, identityToRecipient } from "age-encryption";

/** The most characters of a sealed text: a request to eight keys has about 9,500. What is longer is none, and isn't even tried. */
const MOST = 16 * 1024;

/** The most keys of a sealed text, as at the server (`PublicKeys::MAX`). */
export const MOST_KEYS = 8;

/** How a public key looks: `age1` and 58 characters of Bech32. Its checksum is age's to look at. */
const RECIPIENT = /^age1[02-9ac-hj-np-z]{58}$/;

/** Why a sealed text can't be read: it is sealed to other keys, or it is not what was sealed. */
export class OpenError extends Error {
  /** @param {"other_keys" | "damaged"} code */
  constructor(code) {
    super(code);
    this.name = "OpenError";
    this.code = code;
  }
}

/**
 * Whether a text looks like a public key.
 *
 * @param {unknown} text
 * @returns {text is string}
 */
export function isRecipient(text) {
  return typeof text === "string" && RECIPIENT.test(text);
}

/**
 * Where a page from disk has no `crypto.subtle`, age's library doesn't fall back to its own arithmetic, as it does where X25519 isn't known: so there
 * is one that knows nothing.
 */
function knowNothing() {
  if (crypto.subtle !== undefined) return;
  const unknown = () => Promise.reject(new DOMException("there is no crypto.subtle", "NotSupportedError"));
  Object.defineProperty(crypto, "subtle", { value: { importKey: unknown, deriveBits: unknown }, configurable: true });
}

/** What stands before the 32 bytes of a private key where browsers take one (PKCS #8, RFC 8410). */
const PKCS8 = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20];

/**
 * A private key as the browser's own, which no script can read out again and which opens twice as fast; where the browser doesn't know X25519, or a
 * page from disk has no `crypto.subtle`, the text.
 *
 * @param {string} identity
 * @returns {Promise<CryptoKey | string>}
 */
async function handle(identity) {
  try {
    const bytes = bech32.decodeToBytes(identity).bytes;
    const key = await crypto.subtle.importKey("pkcs8", Uint8Array.from([...PKCS8, ...bytes]), { name: "X25519" }, false, ["deriveBits"]);
    bytes.fill(0);
    // Not every browser that takes such a key can use it.
    return (await identityToRecipient(key)) === (await identityToRecipient(identity)) ? key : identity;
  } catch {
    return identity;
  }
}

/**
 * Makes what opens texts that are sealed to one of these private keys. It holds them, and nothing else does: they are forgotten when it is let go of,
 * as far as a script can forget. It can't overwrite a text, and not tell when the browser clears the memory where one was.
 *
 * @param {readonly string[]} identities
 * @returns {Promise<(sealed: string) => Promise<string>>} rejects with an {@link OpenError}
 */
export async function opener(identities) {
  knowNothing();
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(await handle(identity));
  return async (sealed) => {
    try {
      if (sealed.length > MOST) throw new OpenError("damaged");
      const plaintext = await decrypter.decrypt(armor.decode(sealed));
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(plaintext);
    } catch (error) {
      if (error instanceof OpenError) throw error;
      throw new OpenError(error instanceof Error && error.message.startsWith("no identity matched") ? "other_keys" : "damaged");
    }
  };
}

/**
 * Opens a sealed text.
 *
 * @param {string} sealed
 * @param {readonly string[]} identities private keys
 * @returns {Promise<string>} rejects with an {@link OpenError}
 */
export async function open(sealed, identities) {
  return (await opener(identities))(sealed);
}

/**
 * Seals a text: armored, as the server and Debian's `age` read it.
 *
 * @param {string} text
 * @param {readonly string[]} recipients public keys; nothing else than X25519 keys are taken
 * @returns {Promise<string>}
 */
export async function seal(text, recipients) {
  if (recipients.length === 0 || recipients.length > MOST_KEYS || !recipients.every(isRecipient)) {
    throw new TypeError("not the keys to seal to");
  }
  knowNothing();
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return armor.encode(await encrypter.encrypt(text));
}

/**
 * A key pair.
 *
 * @typedef {object} KeyPair
 * @property {string} identity the private half, `AGE-SECRET-KEY-1…`
 * @property {string} recipient the public half, `age1…`
 */

/**
 * The pair of a private key.
 *
 * @param {string} identity
 * @returns {Promise<KeyPair>} rejects if it is no private key
 */
export async function pair(identity) {
  knowNothing();
  return { identity, recipient: await identityToRecipient(identity) };
}

/**
 * Makes a key from the browser's randomness.
 *
 * @returns {Promise<KeyPair>}
 */
export async function newKey() {
  return pair(await generateX25519Identity());
}

/**
 * The fingerprint of a public key: the first 128 bits of the SHA-256 of its text, as 32 hexadecimal digits.
 *
 * @param {string} recipient
 * @returns {Promise<string>}
 */
export async function fingerprint(recipient) {
  return sha256(recipient).slice(0, 32);
}

/**
 * A fingerprint as people compare it: `3f2a 91bc …`, eight groups of four.
 *
 * @param {string} digits
 * @returns {string}
 */
export function grouped(digits) {
  return digits.match(/.{1,4}/g)?.join(" ") ?? "";
}

/**
 * The SHA-256 of a text, in hexadecimal digits. Not the browser's own: a page from disk may have none (`crypto.subtle`).
 *
 * @param {string} text
 * @returns {string}
 */
export function sha256(text) {
  return Array.from(hash(new TextEncoder().encode(text)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
