// What the page shows: the state of the desk, and what can be done at it. It knows no page: people see what src/ui makes of it.

import { fingerprint, opener, seal, sha256 } from "./age.js";
import { List, MOST, judge, opened, waits } from "./lists.js";
import * as requests from "./request.js";
import { Server, ServerError } from "./server.js";
import { Watch } from "./watch.js";

/** @typedef {import("./lists.js").Entry} Entry */
/** @typedef {import("./server.js").State} State */
/** @typedef {import("./server.js").Row} Row */
/** @typedef {import("./server.js").Page} Page */
/** @typedef {import("./server.js").Change} Change */
/** @typedef {import("./server.js").ServerCode} ServerCode */
/** @typedef {import("./keyfile.js").KeyFile} KeyFile */

/**
 * What came of closing a request or opening it again.
 *
 * - `done`
 * - `changed`: somebody was faster; the entry is now as the server has it, and what was written is not saved
 * - `gone`: it was deleted
 * - `wrong_shape`: the server doesn't take it
 * - `unreadable`: it isn't opened, so it can't be changed
 * - `not_for_us`: it would be sealed to keys that aren't this desk's; nothing was sent
 * - `too_long`: it doesn't fit with the note; nothing was sent
 * - or why the server could not be asked: it may be changed or not, and trying again does no harm
 *
 * @typedef {"changed" | "done" | "gone" | "not_for_us" | "unreadable" | ServerCode} Result
 */

/**
 * What the page shows. It is read, never written to.
 *
 * @typedef {object} DeskState
 * @property {"locked" | "opening" | "open"} phase `opening`: the first are there, the others follow
 * @property {ServerCode | null} reason why it was locked by itself
 * @property {{done: number, total: number}} progress how many of those that are loaded by themselves are opened
 * @property {Entry[]} waiting in no order that people would want
 * @property {Entry[]} closed the same
 * @property {{waiting: number, closed: number}} counts how many there are in all
 * @property {{waiting: boolean, closed: boolean}} more whether there are some that aren't loaded
 * @property {string[]} own the fingerprints of the keys that it is open with
 * @property {string[]} readers the public keys that it trusts requests to be sealed to, its own among them
 * @property {string[]} trusted those that are trusted until it is locked
 * @property {string[]} strangers the public keys that the server seals to, or a request names, and that it doesn't know
 * @property {number} keepDays after how many days what is closed is deleted; 0: never
 * @property {number} clockOff how many minutes this computer's clock is ahead of the server's, if it is more than ten; or else 0
 * @property {"good" | "lost"} connection
 */

/** How long is opened without a pause, in milliseconds: the page answers in between. */
const SLICE = 24;

/** How often it is told that more is opened, in milliseconds. */
const TELL = 200;

/** How far the clocks may differ, in minutes. */
const CLOCKS = 10;

/** The most changes in one call, as at the server. */
const CHANGES = 50;

/** How many pages are loaded when more is asked for. */
const MORE_PAGES = 5;

/** The most strangers that are named. */
const STRANGERS = 20;

/** Failures that end by themselves: that the connection is lost says enough. @type {readonly ServerCode[]} */
const PASSING = ["unreachable", "unavailable", "too_many"];

/** Lets the page answer. Not by a timer: in a tab that nobody sees these come once a second. @returns {Promise<void>} */
function pause() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/**
 * Events: `change` when something of the state changed; `arrived` (detail: `count`) when requests came in; `troubled` (detail: `code`, a
 * {@link ServerCode}) when the server answers what makes no sense.
 */
export class Desk extends EventTarget {
  /** @type {DeskState} */
  state = {
    phase: "locked",
    reason: null,
    progress: { done: 0, total: 0 },
    waiting: [],
    closed: [],
    counts: { waiting: 0, closed: 0 },
    more: { waiting: false, closed: false },
    own: [],
    readers: [],
    trusted: [],
    strangers: [],
    keepDays: 0,
    clockOff: 0,
    connection: "good",
  };

  #config;
  #server;
  #time;
  #watch;
  /** The server's clock less this computer's, in milliseconds. */
  #offset = 0;
  #revision = "";
  /** How many there are of each state by the server. */
  #stored = { waiting: 0, closed: 0 };
  /** The keys that the server seals to. @type {string[]} */
  #sealsTo = [];
  /** The fingerprint of the key that is signed in. */
  #key = "";
  /** The public halves of the keys that it is open with. @type {string[]} */
  #own = [];
  /** @type {Set<string>} */
  #known = new Set();
  /** @type {((sealed: string) => Promise<string>) | null} */
  #open = null;
  /** Aborted when it is locked: what is under way is dropped. */
  #epoch = new AbortController();
  #lists = { waiting: new List("waiting"), closed: new List("closed") };
  /** What was seen since it was opened; `null`: not all of the first pages. @type {Set<string> | null} */
  #seen = null;
  /** The last of what loads: one after the other. @type {Promise<unknown>} */
  #last = Promise.resolve();

  /**
   * @param {import("./server.js").Config} config
   * @param {Server} [server]
   * @param {Partial<import("./watch.js").Time>} [time] what a test makes up
   */
  constructor(config, server = new Server(config), time = {}) {
    super();
    this.#config = config;
    this.#server = server;
    this.#time = {
      clock: () => Date.now(),
      setTimeout: (/** @type {() => void} */ then, /** @type {number} */ milliseconds) => setTimeout(then, milliseconds),
      clearTimeout: (/** @type {any} */ timer) => clearTimeout(timer),
      random: () => Math.random(),
      ...time,
    };
    this.#watch = new Watch(this.#time, (signal) => this.#look(signal), (error) => this.#fail(error));
  }

  /** Now by the server's clock, in milliseconds since 1970. */
  now() {
    return this.#time.clock() + this.#offset;
  }

  /**
   * Signs in and opens the newest requests; the others follow, and the phase is `opening` until they are there. An open desk is opened anew.
   *
   * @param {readonly KeyFile[]} files
   * @returns {Promise<void>} rejects with a {@link ServerError}; the keys are forgotten then
   */
  async unlock(files) {
    this.#drop();
    const { signal } = this.#epoch;
    const keys = files.flatMap((file) => file.keys);
    this.#own = keys.map(({ recipient }) => recipient);
    this.#known = new Set([...this.#own, ...files.flatMap((file) => file.readers), ...this.#config.readers]);
    this.state.phase = "opening";
    this.#tell();
    try {
      const identities = keys.map(({ identity }) => identity);
      this.#open = await opener(identities);
      const prints = await Promise.all(this.#own.map(fingerprint));
      const key = await this.#server.signIn(identities, signal);
      if (signal.aborted) return;
      this.state.own = prints;
      this.#key = key || (prints[0] ?? "");
      for (const list of Object.values(this.#lists)) await this.#load((server, seen) => list.reload(server, seen, signal));
    } catch (error) {
      if (signal.aborted) return;
      const cause = error instanceof ServerError ? error : new ServerError("not_the_desk");
      this.lock(cause.code);
      throw cause;
    }
    if (signal.aborted) return;
    this.#seen = new Set(this.#all().map(({ row }) => row.reference));
    this.start();
    void this.#rest(signal);
  }

  /**
   * Forgets the keys and all that was opened. The session is kept, for the counts alone.
   *
   * @param {ServerCode | null} [reason]
   */
  lock(reason = null) {
    this.#drop();
    this.state.phase = "locked";
    this.state.reason = reason;
    this.#tell();
  }

  #drop() {
    this.#epoch.abort();
    this.#epoch = new AbortController();
    this.#open = null;
    this.#own = [];
    this.#known = new Set();
    this.#seen = null;
    this.#sealsTo = [];
    this.#lists = { waiting: new List("waiting"), closed: new List("closed") };
    Object.assign(this.state, { own: [], trusted: [], reason: null });
    this.#show();
  }

  /** Locks, and ends the session at the server. */
  async forget() {
    this.stop();
    this.lock();
    await this.#server.end();
  }

  /** Asks the server again and again whether something changed. */
  start() {
    if (this.#server.isSignedIn) this.#watch.start();
  }

  stop() {
    this.#watch.stop();
  }

  /** Asks at once: the network is back, or somebody looks at the page again. */
  nudge() {
    this.#watch.nudge();
  }

  /**
   * Looks what is new of a state.
   *
   * @param {State} state
   * @returns {Promise<void>} rejects with a {@link ServerError}
   */
  load(state) {
    const { signal } = this.#epoch;
    return this.#load((server, seen) => this.#lists[state].reload(server, seen, signal));
  }

  /**
   * Loads some of those that aren't loaded by themselves.
   *
   * @param {State} state
   * @returns {Promise<void>} rejects with a {@link ServerError}
   */
  async more(state) {
    const { signal } = this.#epoch;
    for (let page = 0; page < MORE_PAGES && !signal.aborted; page += 1) {
      await this.#load((server, seen) => this.#lists[state].more(server, seen, signal));
    }
  }

  /**
   * Closes a request.
   *
   * @param {string} reference
   * @param {requests.Outcome} outcome
   * @param {string} note
   * @returns {Promise<Result>} rejects with a {@link ServerError}, if the server could not be asked
   */
  async close(reference, outcome, note) {
    const [one] = await this.closeMany([reference], outcome, note);
    return one?.result ?? "unreadable";
  }

  /**
   * Closes many with one outcome.
   *
   * @param {readonly string[]} references
   * @param {requests.Outcome} outcome
   * @param {string} note
   * @returns {Promise<{reference: string, result: Result}[]>} rejects with a {@link ServerError}, if the server could not be asked at all
   */
  closeMany(references, outcome, note) {
    const at = this.now();
    return this.#change(references, "closed", (request) => requests.close(request, { outcome, note, at }));
  }

  /**
   * Opens a closed request again.
   *
   * @param {string} reference
   * @returns {Promise<Result>} rejects with a {@link ServerError}, if the server could not be asked
   */
  async reopen(reference) {
    const [one] = await this.#change([reference], "waiting", requests.reopen);
    return one?.result ?? "unreadable";
  }

  /**
   * Trusts a reader until the desk is locked; to be known the next time, it has to stand in the key file (`# reader:`).
   *
   * @param {string} recipient
   */
  trust(recipient) {
    this.#known.add(recipient);
    this.state.trusted = [...this.state.trusted, recipient];
    for (const one of this.#all()) judge(one, this.#known);
    this.#show();
    this.#tell();
  }

  // --- Changing ---

  /**
   * @param {readonly string[]} references
   * @param {State} state
   * @param {(request: requests.Request) => requests.Request} change
   * @returns {Promise<{reference: string, result: Result}[]>}
   */
  async #change(references, state, change) {
    const { signal } = this.#epoch;
    /** @type {Map<string, Result>} */
    const results = new Map();
    /** @type {Change[]} */
    const changes = [];
    for (const reference of references) {
      const made = await this.#changed(reference, state, change);
      if (typeof made === "string") results.set(reference, made);
      else changes.push(made);
    }
    for (let from = 0; from < changes.length; from += CHANGES) {
      const some = changes.slice(from, from + CHANGES);
      try {
        const answer = await this.#send(some);
        if (signal.aborted) return [];
        this.#set(answer.now);
        await Promise.all(answer.results.map((one, at) => this.#apply(/** @type {Change} */ (some[at]), one)));
        for (const { reference, result } of answer.results) results.set(reference, result);
      } catch (error) {
        if (from === 0 || !(error instanceof ServerError)) throw error;
        for (const { reference } of changes.slice(from)) results.set(reference, error.code);
        break;
      }
    }
    this.#show();
    this.#tell();
    return references.map((reference) => ({ reference, result: results.get(reference) ?? "unreadable" }));
  }

  /**
   * @param {string} reference
   * @param {State} state
   * @param {(request: requests.Request) => requests.Request} change
   * @returns {Promise<Change | Result>} the change, or why there is none
   */
  async #changed(reference, state, change) {
    const one = this.#all().find(({ row }) => row.reference === reference);
    if (one === undefined || one.request === null) return "unreadable";
    const to = requests.readers(one.request, this.#known);
    // Whoever wrote a request of their own into the database may have named keys that shut the staff out.
    if (!to.some((key) => this.#own.includes(key))) return "not_for_us";
    try {
      const sealed = await seal(requests.plaintext(change(one.request)), to);
      return { reference, state, sealed, was: sha256(one.row.sealed) };
    } catch (error) {
      if (error instanceof requests.RequestError) return "too_long";
      return "not_for_us";
    }
  }

  /**
   * Sends changes; once more if no answer came: the server tells the same change from another one.
   *
   * @param {Change[]} changes
   */
  async #send(changes) {
    try {
      return await this.#server.change(changes);
    } catch (error) {
      if (!(error instanceof ServerError) || error.code !== "unreachable") throw error;
      await new Promise((resolve) => this.#time.setTimeout(() => resolve(undefined), 1000));
      return this.#server.change(changes);
    }
  }

  /**
   * Brings what is shown to what the server says of a change.
   *
   * @param {Change} change
   * @param {import("./server.js").Changed} answer
   */
  async #apply({ reference, state, sealed }, { result, row }) {
    const old = this.#all().find((one) => one.row.reference === reference);
    if (old === undefined || result === "wrong_shape") return;
    const isClosed = state === "closed";
    const hour = Math.floor(this.now() / 3_600_000) * 3600;
    /** @type {Row | null} */
    const made = {
      ...old.row,
      closed_day: isClosed ? Math.floor(this.now() / 86_400_000) : null,
      sealed,
      history: [...old.row.history, { state, key: this.#key, hour }],
    };
    const now = result === "gone" ? null : (row ?? (result === "done" ? made : old.row));
    for (const list of Object.values(this.#lists)) list.entries = list.entries.filter((one) => one !== old);
    if (now === null) return;
    const list = this.#lists[now.closed_day === null ? "waiting" : "closed"];
    old.row = now;
    list.entries = [old, ...list.entries];
    await this.#openOne(old);
  }

  // --- Loading and opening ---

  /**
   * Loads something, when what was loaded before is there, and opens it.
   *
   * @param {(server: Server, seen: (page: Page) => void) => Promise<void>} work
   * @returns {Promise<void>}
   */
  #load(work) {
    const { signal } = this.#epoch;
    const next = this.#last.then(async () => {
      if (signal.aborted) return;
      await work(this.#server, (page) => {
        if (!signal.aborted) this.#page(page);
      });
      if (!signal.aborted) await this.#openAll(signal);
    });
    this.#last = next.catch(() => {});
    return next;
  }

  /** @param {Page} page */
  #page(page) {
    this.#set(page.now);
    this.#stored = { waiting: page.waiting, closed: page.closed };
    this.#revision = page.revision;
    this.#sealsTo = page.readers ?? [];
    this.state.keepDays = page.keep_days;
  }

  /** Goes by the server's clock. @param {number} now */
  #set(now) {
    this.#offset = now - this.#time.clock();
    const minutes = Math.round(-this.#offset / 60_000);
    this.state.clockOff = Math.abs(minutes) > CLOCKS ? minutes : 0;
  }

  /** Loads what isn't loaded yet, as far as it is loaded without being asked for. @param {AbortSignal} signal */
  async #rest(signal) {
    try {
      for (const list of Object.values(this.#lists)) {
        while (!signal.aborted && list.next !== null && list.entries.length < MOST) {
          await this.#load((server, seen) => list.more(server, seen, signal));
        }
      }
    } catch (error) {
      // It goes on when the server is asked next.
      if (!signal.aborted && error instanceof ServerError) this.#fail(error);
    }
    if (signal.aborted || this.state.phase !== "opening") return;
    this.state.phase = "open";
    this.#show();
    this.#tell();
  }

  /** Opens all that isn't opened. @param {AbortSignal} signal */
  async #openAll(signal) {
    let [slice, told] = [performance.now(), performance.now()];
    for (const one of this.#all()) {
      if (one.request !== null || one.why !== null) {
        judge(one, this.#known);
        continue;
      }
      await this.#openOne(one);
      const now = performance.now();
      if (now - slice < SLICE) continue;
      if (now - told > TELL) {
        told = now;
        this.#show();
        this.#tell();
      }
      await pause();
      if (signal.aborted) return;
      slice = performance.now();
    }
    if (signal.aborted) return;
    const before = requests.askedBefore(this.#all().flatMap(({ request }) => request ?? []));
    for (const one of this.#all()) one.before = before.get(one.row.reference) ?? null;
    this.#show();
    this.#tell();
  }

  /** @param {Entry} one */
  async #openOne(one) {
    const open = this.#open;
    if (open === null) return;
    const found = await opened(one, open);
    // It was locked meanwhile: what came is let go of.
    if (this.#open !== open) return;
    Object.assign(one, found);
    judge(one, this.#known);
  }

  // --- Watching ---

  /**
   * Asks whether something changed, and looks what.
   *
   * @param {AbortSignal} signal
   */
  async #look(signal) {
    const counts = await this.#server.wait(this.#revision, signal);
    const epoch = this.#epoch.signal;
    const isNew = counts.revision !== this.#revision;
    const before = this.#stored.waiting;
    if (this.state.connection === "lost") {
      this.state.connection = "good";
      this.#tell();
    }
    if (this.#seen === null) {
      if (this.state.phase !== "locked") return;
      this.#stored = { waiting: counts.waiting, closed: counts.closed };
      this.#revision = counts.revision;
      this.#arrived(counts.waiting - before);
      if (isNew) this.#show();
      if (isNew) this.#tell();
      return;
    }
    if (isNew) {
      for (const list of Object.values(this.#lists)) await this.#load((server, seen) => list.reload(server, seen, signal));
      if (epoch.aborted || this.#seen === null) return;
      const seen = this.#seen;
      const fresh = this.#all().filter(({ row }) => !seen.has(row.reference));
      for (const { row } of fresh) seen.add(row.reference);
      // What is loaded late is not what came late.
      this.#arrived(this.state.phase === "open" ? fresh.filter(({ row }) => row.closed_day === null).length : 0);
    }
    if (this.state.phase === "open") await this.#rest(epoch);
  }

  /** @param {number} count */
  #arrived(count) {
    if (count > 0) this.dispatchEvent(new CustomEvent("arrived", { detail: { count } }));
  }

  /** @param {ServerError} error */
  #fail(error) {
    if (error.code === "signed_out") {
      this.stop();
      this.lock(error.code);
      return;
    }
    const isNew = this.state.connection === "good";
    this.state.connection = "lost";
    if (!isNew) return;
    if (!PASSING.includes(error.code)) this.dispatchEvent(new CustomEvent("troubled", { detail: { code: error.code } }));
    this.#tell();
  }

  // --- Showing ---

  /** All entries that are loaded. @returns {Entry[]} */
  #all() {
    return [...this.#lists.waiting.entries, ...this.#lists.closed.entries];
  }

  /** Brings the state up to date. */
  #show() {
    const { state } = this;
    const all = this.#all();
    state.waiting = all.filter(waits);
    state.closed = all.filter((one) => !waits(one));
    const moved = state.waiting.length - this.#lists.waiting.entries.length;
    state.counts = { waiting: this.#stored.waiting + moved, closed: Math.max(0, this.#stored.closed - moved) };
    state.more = { waiting: this.#lists.waiting.next !== null, closed: this.#lists.closed.next !== null };
    state.readers = [...this.#known];
    const named = [...this.#sealsTo, ...all.flatMap((one) => one.strangers)];
    state.strangers = [...new Set(named)].filter((key) => !this.#known.has(key)).slice(0, STRANGERS);
    const total = Math.max(all.length, Math.min(MOST, this.#stored.waiting) + Math.min(MOST, this.#stored.closed));
    const done = all.filter(({ request, why }) => request !== null || why !== null).length;
    state.progress = { done, total: all.length === 0 ? 0 : total };
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}
