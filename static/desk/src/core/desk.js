// What the page shows: the state of the desk, and what can be done at it. It knows no page: people see what src/ui makes of it.

import { fingerprint, opener } from "./age.js";
import { CHANGES, changeOf, changedRow, send } from "./changes.js";
import { List, MOST, waits } from "./lists.js";
import { judge, openAll, openOne } from "./opening.js";
import * as requests from "./request.js";
import { Server, ServerError } from "./server.js";
import { locked, show } from "./state.js";
import { Watch } from "./watch.js";

/** @typedef {import("./lists.js").Entry} Entry */
/** @typedef {import("./server.js").State} State */
/** @typedef {import("./server.js").Page} Page */
/** @typedef {import("./server.js").Change} Change */
/** @typedef {import("./server.js").ServerCode} ServerCode */
/** @typedef {import("./keyfile.js").KeyFile} KeyFile */
/** @typedef {import("./changes.js").Result} Result */
/** @typedef {import("./state.js").DeskState} DeskState */

/** How far the clocks may differ, in minutes. */
const CLOCKS = 10;

/** How many pages are loaded when more is asked for. */
const MORE_PAGES = 5;

/** Failures that end by themselves: that the connection is lost says enough. @type {readonly ServerCode[]} */
const PASSING = ["unreachable", "unavailable", "too_many"];

/**
 * Events: `change` when something of the state changed; `arrived` (detail: `count`) when requests came in; `troubled` (detail: `code`, a
 * {@link ServerCode}) when the server answers what makes no sense.
 */
export class Desk extends EventTarget {
  state = locked();

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
    this.#show();
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
    this.#show();
  }

  #drop() {
    this.#epoch.abort();
    this.#epoch = new AbortController();
    this.#watch.nudge();
    this.#revision = "";
    this.#open = null;
    this.#own = [];
    this.#known = new Set();
    this.#seen = null;
    this.#sealsTo = [];
    this.#lists = { waiting: new List("waiting"), closed: new List("closed") };
    Object.assign(this.state, { own: [], trusted: [], reason: null });
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
      await this.#loadMore(this.#lists[state], signal);
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
      const made = await changeOf(this.#entry(reference), state, change, { known: this.#known, own: this.#own });
      if (typeof made === "string") results.set(reference, made);
      else changes.push(made);
    }
    for (let from = 0; from < changes.length; from += CHANGES) {
      const some = changes.slice(from, from + CHANGES);
      try {
        const answer = await send(this.#server, some, this.#time);
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
    return references.map((reference) => ({ reference, result: results.get(reference) ?? "unreadable" }));
  }

  /**
   * Brings what is shown to what the server says of a change.
   *
   * @param {Change} change
   * @param {import("./server.js").Changed} answer
   */
  async #apply(change, { result, row }) {
    const one = this.#entry(change.reference);
    if (one === undefined || result === "wrong_shape") return;
    const made = result === "done" ? changedRow(one.row, change, this.now(), this.#key) : one.row;
    const now = result === "gone" ? null : (row ?? made);
    for (const list of Object.values(this.#lists)) {
      if (!list.entries.includes(one)) continue;
      list.entries = list.entries.filter((other) => other !== one);
      this.#stored[list.state] -= 1;
    }
    if (now === null) return;
    const list = this.#lists[now.closed_day === null ? "waiting" : "closed"];
    list.entries = [one, ...list.entries];
    this.#stored[list.state] += 1;
    one.row = now;
    if (this.#open !== null) await openOne(one, { open: this.#open, known: this.#known }, this.#epoch.signal);
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
      if (signal.aborted || this.#open === null) return;
      await openAll(this.#all(), { open: this.#open, known: this.#known }, signal, () => this.#show());
    });
    this.#last = next.catch(() => {});
    return next;
  }

  /**
   * Loads the next page of a list. What is loaded late is not what came late.
   *
   * @param {List} list
   * @param {AbortSignal} signal
   */
  #loadMore(list, signal) {
    return this.#load(async (server, seen) => {
      const had = list.entries.length;
      await list.more(server, seen, signal);
      for (const { row } of list.entries.slice(had)) this.#seen?.add(row.reference);
    });
  }

  /** @param {Page} page */
  #page(page) {
    this.#set(page.now);
    this.#stored = { waiting: page.waiting, closed: page.closed };
    // What changed between two pages is seen when the server is asked next.
    this.#revision ||= page.revision;
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
          await this.#loadMore(list, signal);
        }
      }
    } catch (error) {
      // It goes on when the server is asked next.
      if (!signal.aborted && error instanceof ServerError) this.#fail(error);
    }
    if (signal.aborted || this.state.phase !== "opening") return;
    this.state.phase = "open";
    this.#show();
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
    if (this.state.connection === "lost") {
      this.state.connection = "good";
      this.#show();
    }
    if (this.state.phase === "locked") {
      const { waiting } = this.#stored;
      this.#stored = { waiting: counts.waiting, closed: counts.closed };
      this.#revision = counts.revision;
      this.#show();
      this.#arrived(counts.waiting - waiting);
    }
    // Who opens it loads the first pages.
    const seen = this.#seen;
    if (seen === null) return;
    if (counts.revision !== this.#revision) {
      for (const list of Object.values(this.#lists)) await this.#load((server, see) => list.reload(server, see, signal));
      if (epoch.aborted) return;
      this.#revision = counts.revision;
      const fresh = this.#all().filter(({ row }) => !seen.has(row.reference));
      for (const { row } of fresh) seen.add(row.reference);
      this.#arrived(fresh.filter(waits).length);
    }
    // Goes on where the connection was lost.
    if (this.state.phase === "open") await this.#rest(epoch);
  }

  /** @param {number} count */
  #arrived(count) {
    if (count > 0) this.dispatchEvent(new CustomEvent("arrived", { detail: { count } }));
  }

  /** @param {ServerError} error */
  #fail(error) {
    if (error.code === "signed_out") {
      // It was the session of before.
      if (this.#server.isSignedIn) return;
      this.stop();
      this.lock(error.code);
      return;
    }
    const isNew = this.state.connection === "good";
    this.state.connection = "lost";
    if (!isNew) return;
    if (!PASSING.includes(error.code)) this.dispatchEvent(new CustomEvent("troubled", { detail: { code: error.code } }));
    this.#show();
  }

  // --- Showing ---

  /** @param {string} reference */
  #entry(reference) {
    return this.#all().find(({ row }) => row.reference === reference);
  }

  /** All entries that are loaded. @returns {Entry[]} */
  #all() {
    return [...this.#lists.waiting.entries, ...this.#lists.closed.entries];
  }

  /** Brings the state up to date, and tells it. */
  #show() {
    show(this.state, { lists: this.#lists, stored: this.#stored, sealsTo: this.#sealsTo, known: this.#known });
    this.dispatchEvent(new Event("change"));
  }
}
