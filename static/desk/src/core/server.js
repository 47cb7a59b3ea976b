// The desk's interface at the server (docs/desk-interface.md), as a client that trusts nothing of what comes back: each answer has a limit in size
// and time and is looked at for its shape, nothing follows a redirect, and of what is opened to sign in only a sign-in's token is sent.

import { OpenError, opener } from "./age.js";
import * as shape from "./shape.js";

/**
 * What is written into the page when it is made.
 *
 * @typedef {object} Config
 * @property {string} server the origin it asks; empty: the one that the page came from
 * @property {string} api the path of the interface, with a slash at both ends
 * @property {string[]} readers public keys that requests may be sealed to
 * @property {boolean} local the server is this computer's own: there is no sign-in
 * @property {string} zone the time zone of the clinic
 * @property {string} version
 */

/** @typedef {"waiting" | "closed"} State */

/**
 * A row of the store. All of it but `sealed` can be anything, if somebody wrote into the database; texts are tidied and cut.
 *
 * @typedef {object} Row
 * @property {string} reference
 * @property {number} received_hour seconds since 1970, to the hour
 * @property {string} language
 * @property {number | null} closed_day days since 1970
 * @property {string} keys hints of the keys that open it, 8 digits each
 * @property {string} sealed
 * @property {{state: State, key: string, hour: number}[]} history the oldest first; `key` is the fingerprint of whose it was, or empty
 * @property {boolean} [rewritten] its history was longer before
 */

/**
 * @typedef {object} Place
 * @property {string} reference
 * @property {number} received_hour
 * @property {number | null} closed_day
 */

/**
 * @typedef {object} Page
 * @property {number} now the server's clock, in milliseconds since 1970
 * @property {string} revision
 * @property {number} waiting how many there are in all
 * @property {number} closed how many there are in all
 * @property {number} keep_days
 * @property {string[] | null} readers the public keys that the server seals to now; `null`: unknown
 * @property {Row[]} rows
 * @property {Place | null} next
 */

/**
 * @typedef {object} Change
 * @property {string} reference
 * @property {State} state
 * @property {string} sealed
 * @property {string} was the SHA-256 of what was sealed before
 */

/** @typedef {{revision: string, waiting: number, closed: number}} Counts */
/** @typedef {{reference: string, result: "done" | "changed" | "gone" | "wrong_shape", row: Row | null}} Changed */

/**
 * Why the server gave no answer that can be used.
 *
 * - as the interface names them: `bad_request`, `signed_out`, `not_here`, `too_long`, `wrong_shape`, `too_many`, `unavailable`
 * - `unreachable`: nothing came, or half an answer
 * - `not_the_desk`: something else answered
 * - `redirected`: it sends elsewhere, where this page doesn't follow
 * - `foreign_challenge`: what it gave to be opened is no sign-in of this server: nothing of it was sent back
 * - `unknown_key`: none of the keys is one of the server's
 *
 * @typedef {"bad_request" | "signed_out" | "not_here" | "too_long" | "wrong_shape" | "too_many" | "unavailable" | "unreachable" | "not_the_desk"
 *   | "redirected" | "foreign_challenge" | "unknown_key"} ServerCode
 */

export class ServerError extends Error {
  /**
   * @param {ServerCode} code
   * @param {number} [retryAfter] seconds that the server asks to wait
   */
  constructor(code, retryAfter) {
    super(code);
    this.name = "ServerError";
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** What an error's status means, where the answer itself doesn't say it. @type {Record<number, ServerCode>} */
const STATUS = { 400: "bad_request", 401: "signed_out", 413: "too_long", 422: "wrong_shape", 429: "too_many" };

/** @type {readonly string[]} */
const CODES = [...Object.values(STATUS), "not_here", "unavailable"];

const KIB = 1024;

/** @typedef {"challenge" | "session" | "end" | "list" | "get" | "change" | "wait"} Call */

/** For each call the most bytes of its answer, and the most seconds until it is there. @type {Record<Call, [number, number]>} */
const LIMITS = {
  challenge: [64 * KIB, 20],
  session: [KIB, 20],
  end: [KIB, 5],
  list: [4 * KIB * KIB, 60],
  get: [64 * KIB, 20],
  change: [2 * KIB * KIB, 60],
  // The server answers after 15 seconds at the latest.
  wait: [KIB, 40],
};

/** The five lines of a sign-in. When it ends is for the server to judge. */
const SIGN_IN = /^clinic-site desk 1\n([!-~]{1,300})\nsign in\n\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n([0-9a-f]{64})\n$/;

/** @typedef {(url: string, options: RequestInit) => Promise<Response>} Fetch */

export class Server {
  #config;
  #fetch;
  #hurry;
  /** @type {string | null} */
  #session = null;

  /**
   * @param {Config} config
   * @param {{fetch?: Fetch, hurry?: number}} [parts] what a test makes up; `hurry`: how much shorter it waits
   */
  constructor(config, { fetch = (url, options) => globalThis.fetch(url, options), hurry = 1 } = {}) {
    this.#config = config;
    this.#fetch = fetch;
    this.#hurry = hurry;
  }

  /** Whether there is a session, as far as this page knows. */
  get isSignedIn() {
    return this.#config.local || this.#session !== null;
  }

  /**
   * Signs in with the first key that the server knows. A session of before is ended.
   *
   * @param {readonly string[]} identities private keys
   * @param {AbortSignal} [signal]
   * @returns {Promise<string>} the fingerprint of the key; empty for a server on this computer
   */
  async signIn(identities, signal) {
    if (this.#config.local) return "";
    const open = await opener(identities);
    const { challenges } = await this.#call("challenge", {}, (answer) => ({ challenges: shape.array(answer.challenges, 8, shape.text(16 * KIB)) }), signal);
    for (const sealed of challenges) {
      const token = await this.#token(sealed, open);
      if (token === null) continue;
      const before = this.#session;
      const { session, key } = await this.#call(
        "session",
        { token },
        (answer) => ({ session: shape.hex64(answer.session), key: shape.hex32(answer.key) }),
        signal,
      );
      if (before !== null) await this.end();
      this.#session = session;
      return key;
    }
    throw new ServerError("unknown_key");
  }

  /**
   * The token of a sign-in. Whatever else is opened may be a request that the server wants to read: nothing of it leaves this function.
   *
   * @param {string} sealed
   * @param {(sealed: string) => Promise<string>} open
   * @returns {Promise<string | null>} `null`: it is for another key
   */
  async #token(sealed, open) {
    let text;
    try {
      text = await open(sealed);
    } catch (error) {
      if (error instanceof OpenError && error.code === "other_keys") return null;
      throw new ServerError("not_the_desk");
    }
    const [, origin, token] = SIGN_IN.exec(text) ?? [];
    if (origin !== this.#config.server || token === undefined) throw new ServerError("foreign_challenge");
    return token;
  }

  /** Ends the session, at the server too, if it can be reached. */
  async end() {
    const session = this.#session;
    this.#session = null;
    if (session === null) return;
    // It ends by itself, too.
    await this.#call("end", {}, () => ({}), undefined, session).catch(() => {});
  }

  /**
   * A page of rows, the newest first.
   *
   * @param {State} state
   * @param {Place | null} after
   * @param {number} limit at most 100
   * @param {AbortSignal} [signal]
   * @returns {Promise<Page>}
   */
  list(state, after, limit, signal) {
    return this.#call(
      "list",
      { state, after, limit },
      (answer) => ({
        now: shape.instant(answer.now),
        revision: shape.revision(answer.revision),
        waiting: shape.number(answer.waiting),
        closed: shape.number(answer.closed),
        keep_days: shape.number(answer.keep_days),
        readers: shape.readers(answer.readers),
        rows: shape.array(answer.rows, limit, shape.row),
        next: shape.place(answer.next),
      }),
      signal,
    );
  }

  /**
   * One row.
   *
   * @param {string} reference
   * @param {AbortSignal} [signal]
   * @returns {Promise<{now: number, row: Row}>}
   */
  get(reference, signal) {
    return this.#call("get", { reference }, (answer) => ({ now: shape.instant(answer.now), row: shape.row(answer.row) }), signal);
  }

  /**
   * Closes and opens again: each is changed only if it is as it was seen.
   *
   * @param {Change[]} changes at most 50
   * @param {AbortSignal} [signal]
   * @returns {Promise<{now: number, revision: string, results: Changed[]}>} the results in the order of the changes
   */
  change(changes, signal) {
    const result = (/** @type {unknown} */ value) => {
      const one = shape.object(value);
      const row = one.row === null ? null : shape.row(one.row);
      const name = /** @type {Changed["result"]} */ (shape.text(20, /^(done|changed|gone|wrong_shape)$/)(one.result));
      return { reference: shape.text(100)(one.reference), result: name, row };
    };
    return this.#call(
      "change",
      { changes },
      (answer) => {
        const results = shape.array(answer.results, changes.length, result);
        if (!changes.every(({ reference }, at) => results[at]?.reference === reference)) throw new shape.ShapeError("results of other changes");
        return { now: shape.instant(answer.now), revision: shape.revision(answer.revision), results };
      },
      signal,
    );
  }

  /**
   * Waits until the store differs from a revision, a quarter of a minute at most.
   *
   * @param {string} revision empty: it is answered at once
   * @param {AbortSignal} [signal]
   * @returns {Promise<Counts>}
   */
  wait(revision, signal) {
    return this.#call(
      "wait",
      { revision },
      (answer) => ({ revision: shape.revision(answer.revision), waiting: shape.number(answer.waiting), closed: shape.number(answer.closed) }),
      signal,
    );
  }

  /**
   * Asks, and reads the answer.
   *
   * @template T
   * @param {Call} name
   * @param {object} body
   * @param {(answer: Record<string, unknown>) => T} read
   * @param {AbortSignal} [signal] of whoever doesn't want the answer any more
   * @param {string | null} [session]
   * @returns {Promise<T>} rejects with a {@link ServerError}
   */
  async #call(name, body, read, signal, session = this.#session) {
    const [most, seconds] = LIMITS[name];
    const stop = new AbortController();
    const abort = () => stop.abort();
    const timer = setTimeout(abort, (seconds * 1000) / this.#hurry);
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) abort();
    try {
      const bearer = session === null || name === "challenge" || name === "session" ? undefined : { authorization: `Bearer ${session}` };
      const response = await this.#fetch(`${this.#config.server}${this.#config.api}${name}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...bearer },
        body: JSON.stringify(body),
        mode: "cors",
        // Not followed, as by "error", but told apart from a server that isn't there.
        redirect: "manual",
        cache: "no-store",
        // The page may be gone before it is sent.
        keepalive: name === "end",
        credentials: "omit",
        referrerPolicy: "no-referrer",
        signal: stop.signal,
      });
      if (response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400)) throw new ServerError("redirected");
      const answer = parsed(await textOf(response, most));
      if (!response.ok) throw refused(response, answer);
      return read(shape.object(answer));
    } catch (error) {
      if (error instanceof ServerError) {
        if (error.code === "signed_out" && session === this.#session) this.#session = null;
        throw error;
      }
      throw new ServerError(error instanceof shape.ShapeError ? "not_the_desk" : "unreachable");
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      // What wasn't read isn't wanted.
      stop.abort();
    }
  }
}

/**
 * What was refused, by the answer or else by its status.
 *
 * @param {Response} response
 * @param {unknown} answer
 * @returns {ServerError}
 */
function refused({ status, headers }, answer) {
  const said = typeof answer === "object" && answer !== null && "error" in answer ? answer.error : undefined;
  const known = /** @type {ServerCode | undefined} */ (CODES.find((code) => code === said));
  const retryAfter = /^\d{1,5}$/.test(headers.get("retry-after") ?? "") ? Number(headers.get("retry-after")) : undefined;
  return new ServerError(known ?? STATUS[status] ?? (status >= 500 ? "unavailable" : "not_the_desk"), retryAfter);
}

/**
 * @param {string} text
 * @returns {unknown} `undefined`: it is no JSON
 */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The text of an answer.
 *
 * @param {Response} response
 * @param {number} most bytes: what is longer is not read to its end
 * @returns {Promise<string>}
 */
async function textOf(response, most) {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let [text, length] = ["", 0];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    length += value.length;
    if (length > most) throw new ServerError("too_long");
    text += decoder.decode(value, { stream: true });
  }
}
