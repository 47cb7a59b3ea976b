// A server of the desk's interface in memory, for tests of the page and its core: it keeps to docs/desk-interface.md unless it is told to be
// hostile. `node test/fake-server.js 25 age1…` starts one with so many requests sealed to a key, and prints the page's config.

import "./crypto.js";
import { createServer } from "node:http";
import { randomBytes } from "node:crypto";
import { pathToFileURL } from "node:url";
import { fingerprint, seal, sha256 } from "../src/core/age.js";
import { PLAINTEXT_BYTES } from "../src/core/request.js";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const utc = (/** @type {number} */ at) => `${new Date(at).toISOString().slice(0, 19)}Z`;
const hex = (/** @type {number} */ bytes) => randomBytes(bytes).toString("hex");

/** What is sealed of a request, filled to its length. */
export function plaintext(request) {
  const json = JSON.stringify(request);
  return json + " ".repeat(PLAINTEXT_BYTES - Buffer.byteLength(json));
}

/** A request as the server seals it. */
export function request({ reference, at = Date.now(), keys, ...answers }) {
  return {
    version: 1, reference, received: `${utc(at).slice(0, 17)}00Z`, page: "en", name: "Ana", phone: "916-555-0100", message: "no", times: [],
    language: null, other_language: "", whom: null, note: "", phone_typed: "", keys, closing: null, ...answers,
  };
}

export class FakeServer {
  /** The keys it seals to. @type {string[]} */
  recipients;
  /** The rows by reference. */
  rows = new Map();
  /** What was asked: `{name, body, headers}`. */
  calls = [];
  /** What it does otherwise: for a call's name, `async (body, response, usual) => answer`; an answer of `undefined` was given by itself. */
  hostile = {};
  /** Its clock less the true one, in milliseconds. */
  skew = 0;
  /** How long `wait` waits, in milliseconds. */
  patience = 25_000;
  tokens = new Map();
  sessions = new Map();
  revision = 1;
  #waiting = new Set();
  #server = createServer((question, response) => void this.#answer(question, response).catch(() => response.destroy()));
  #number = 0;

  constructor(recipients) {
    this.recipients = recipients;
  }

  /** Starts it on loopback. */
  async start() {
    await new Promise((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
    return this;
  }

  async stop() {
    this.changed();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** What is written into a page for it. */
  get config() {
    return { server: this.url, api: "/desk/api/", readers: [], local: false, zone: "America/Los_Angeles", version: "0.0" };
  }

  now() {
    return Date.now() + this.skew;
  }

  /** A reference that no other row has. */
  reference() {
    this.#number += 1;
    const digits = [...Array(8).keys()].map((at) => ALPHABET[Math.floor(this.#number / 32 ** (7 - at)) % 32]).join("");
    return `${digits.slice(0, 4)}-${digits.slice(4)}`;
  }

  /** Adds a request that came in so many minutes ago. */
  async add({ minutes = 5, to = this.recipients, reference = this.reference(), closing = null, ...answers } = {}) {
    const at = this.now() - minutes * 60_000;
    const whole = request({ reference, at, keys: to, closing, ...answers });
    const sealed = await seal(plaintext(whole), to);
    this.put({ reference, at, sealed, language: whole.page, closed_day: closing && Math.floor(Date.parse(closing.at) / DAY) });
    return reference;
  }

  /** Puts a row in as it is. */
  put({ reference = this.reference(), at = this.now(), sealed, language = "en", closed_day = null, keys = "", history = [] }) {
    const received_hour = Math.floor(at / HOUR) * 3600;
    this.rows.set(reference, { reference, received_hour, language, closed_day, keys, sealed, history });
    this.changed();
    return reference;
  }

  /** Something changed: whoever waits is told. */
  changed() {
    this.revision += 1;
    for (const wake of [...this.#waiting]) wake();
  }

  #list(state) {
    const rows = [...this.rows.values()].filter(({ closed_day }) => (closed_day === null) === (state === "waiting"));
    const newest = (row) => [row.closed_day ?? 0, row.received_hour, row.reference];
    return rows.sort((a, b) => {
      const [x, y] = [newest(a), newest(b)];
      const at = x.findIndex((one, index) => one !== y[index]);
      return at < 0 ? 0 : x[at] < y[at] ? 1 : -1;
    });
  }

  #counts() {
    return { revision: String(this.revision), waiting: this.#list("waiting").length, closed: this.#list("closed").length };
  }

  /** The calls, as the interface has them: `[status, answer]`. */
  usual = {
    challenge: async () => {
      const sealed = this.recipients.map(async (recipient) => {
        const token = hex(32);
        this.tokens.set(token, recipient);
        return seal(`clinic-site desk 1\n${this.url}\nsign in\n${utc(this.now() + 300_000)}\n${token}\n`, [recipient]);
      });
      return [200, { challenges: await Promise.all(sealed) }];
    },
    session: async ({ token }) => {
      const recipient = this.tokens.get(token);
      this.tokens.delete(token);
      if (recipient === undefined) return [401, { error: "signed_out" }];
      const session = hex(32);
      const key = await fingerprint(recipient);
      this.sessions.set(session, key);
      return [200, { session, key }];
    },
    end: async (_, session) => {
      this.sessions.delete(session);
      return [200, {}];
    },
    list: async ({ state, after, limit }) => {
      const all = this.#list(state);
      const from = after === null ? 0 : all.findIndex(({ reference }) => reference === after.reference) + 1;
      const rows = all.slice(from, from + limit);
      const last = rows.at(-1);
      const next = from + limit < all.length && last ? { reference: last.reference, received_hour: last.received_hour, closed_day: last.closed_day } : null;
      return [200, { now: utc(this.now()), ...this.#counts(), keep_days: 30, readers: this.recipients, rows, next }];
    },
    get: async ({ reference }) => {
      const row = this.rows.get(reference);
      return row ? [200, { now: utc(this.now()), row }] : [404, { error: "not_here" }];
    },
    change: async ({ changes }, session) => {
      const results = changes.map(({ reference, state, sealed, was }) => {
        const row = this.rows.get(reference);
        if (!row) return { reference, result: "gone", row: null };
        if (sha256(row.sealed) !== was) return row.sealed === sealed ? { reference, result: "done", row } : { reference, result: "changed", row };
        const hour = Math.floor(this.now() / HOUR) * 3600;
        const history = [...row.history, { state, key: this.sessions.get(session) ?? "", hour }];
        const changed = { ...row, sealed, closed_day: state === "closed" ? Math.floor(this.now() / DAY) : null, history };
        this.rows.set(reference, changed);
        return { reference, result: "done", row: changed };
      });
      this.changed();
      return [200, { now: utc(this.now()), revision: String(this.revision), results }];
    },
    wait: async ({ revision }) => {
      if (revision === String(this.revision)) {
        await new Promise((resolve) => {
          const done = () => {
            clearTimeout(timer);
            this.#waiting.delete(done);
            resolve();
          };
          const timer = setTimeout(done, this.patience);
          this.#waiting.add(done);
        });
      }
      return [200, this.#counts()];
    },
  };

  async #answer(question, response) {
    const cors = question.headers.origin === "null" ? { "access-control-allow-origin": "null", vary: "Origin", "access-control-expose-headers": "retry-after" } : {};
    if (question.method === "OPTIONS") {
      const allow = { "access-control-allow-methods": "POST", "access-control-allow-headers": "authorization, content-type", "access-control-max-age": "600" };
      response.writeHead(204, { ...cors, ...allow, "access-control-allow-private-network": "true" }).end();
      return;
    }
    const name = question.url.replace(/^\/desk\/api\//, "");
    const usual = this.usual[name];
    if (question.method !== "POST" || usual === undefined) {
      response.writeHead(404, cors).end("not here");
      return;
    }
    let text = "";
    for await (const chunk of question) text += chunk;
    const body = JSON.parse(text);
    this.calls.push({ name, body, headers: question.headers });
    const session = /^Bearer (.*)$/.exec(question.headers.authorization ?? "")?.[1];
    const well = async () => {
      if (!["challenge", "session"].includes(name) && !this.sessions.has(session)) return [401, { error: "signed_out" }];
      return usual(body, session);
    };
    const answer = this.hostile[name] ? await this.hostile[name](body, response, well, cors) : await well();
    if (answer === undefined) return;
    const [status, value, headers = {}] = answer;
    response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store", ...cors, ...headers });
    response.end(typeof value === "string" ? value : JSON.stringify(value));
  }
}

/** Starts a server that seals to these keys. */
export function fakeServer(recipients) {
  return new FakeServer(recipients).start();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [count = "25", ...recipients] = process.argv.slice(2);
  const server = await fakeServer(recipients);
  const names = ["Ana", "Ben", "Chen", "Dee"];
  for (let at = 0; at < Number(count); at += 1) {
    const closing = at % 4 === 3 ? { outcome: "booked", note: "Monday", at: utc(Date.now() - HOUR) } : null;
    await server.add({ minutes: 7 * at, name: `${names[at % 4]} ${at}`, page: at % 3 ? "en" : "es", times: at % 2 ? ["morning"] : [], closing });
  }
  console.log(JSON.stringify(server.config));
}
