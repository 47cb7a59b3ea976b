// What the page shows: the state of the desk, and what can be done at it. It knows no page: people see what src/ui makes of it.

import { fingerprint, opener } from "./age.js";
import { Book } from "./book.js";
import { CHANGES, changeOf, send } from "./changes.js";
import { waits } from "./lists.js";
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
  /** Which state of the store the counts are of, while it is locked. */
  #revision = "";
  /** How many there are of each state by the server. */
  #stored = { waiting: 0, closed: 0 };
  /** The keys that the server seals to. @type {string[]} */
  #sealsTo = [];
  /** @type {import("./book.js").OpenKeys | null} */
  #keys = null;
  /** @type {Book | null} */
  #book = null;
  /** What the server failed with last. @type {ServerCode | null} */
  #trouble = null;
  /** Counts how often it was locked or opened: what was under way before is dropped. */
  #epoch = 0;

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

  // --- Opening and locking ---

  /**
   * Signs in and opens the newest requests; the others follow, and the phase is `opening` until they are there. An open desk is opened anew.
   *
   * @param {readonly KeyFile[]} files
   * @returns {Promise<void>} rejects with a {@link ServerError}; the keys are forgotten then
   */
  async unlock(files) {
    const epoch = this.#drop();
    const keys = files.flatMap((file) => file.keys);
    const own = keys.map(({ recipient }) => recipient);
    const known = new Set([...own, ...files.flatMap((file) => file.readers), ...this.#config.readers]);
    this.state.phase = "opening";
    this.#show();
    try {
      const identities = keys.map(({ identity }) => identity);
      const open = await opener(identities);
      const prints = await Promise.all(own.map(fingerprint));
      const print = (await this.#server.signIn(identities)) || (prints[0] ?? "");
      if (epoch !== this.#epoch) return;
      this.#answered();
      this.#keys = { open, own, known, print };
      this.state.own = prints;
      const book = (this.#book = new Book(this.#server, this.#keys, (page) => this.#page(page), () => this.#show()));
      await book.reload("waiting");
      await book.reload("closed");
      if (book.signal.aborted) return;
      book.fresh();
      this.start();
      void this.#rest(book);
    } catch (error) {
      if (epoch !== this.#epoch) return;
      const cause = error instanceof ServerError ? error : new ServerError("not_the_desk");
      this.lock(cause.code);
      throw cause;
    }
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

  /** @returns {number} the epoch that begins */
  #drop() {
    if (this.#book !== null) this.#revision = this.#book.revision;
    this.#book?.close();
    this.#book = null;
    this.#keys = null;
    this.#sealsTo = [];
    this.#watch.nudge();
    Object.assign(this.state, { own: [], trusted: [], reason: null });
    this.#epoch += 1;
    return this.#epoch;
  }

  /** Locks, and ends the session at the server. */
  async forget() {
    this.stop();
    this.lock();
    await this.#server.end();
  }

  /**
   * Trusts a reader until the desk is locked; to be known the next time, it has to stand in the key file (`# reader:`).
   *
   * @param {string} recipient
   */
  trust(recipient) {
    this.#keys?.known.add(recipient);
    this.#book?.judge();
    this.state.trusted = [...this.state.trusted, recipient];
    this.#show();
  }

  // --- Loading ---

  /**
   * Looks what is new of a state.
   *
   * @param {State} state
   * @returns {Promise<void>} rejects with a {@link ServerError}
   */
  async load(state) {
    await this.#book?.reload(state);
  }

  /**
   * Loads some of those that aren't loaded by themselves.
   *
   * @param {State} state
   * @returns {Promise<void>} rejects with a {@link ServerError}
   */
  async more(state) {
    for (let page = 0; page < MORE_PAGES; page += 1) await this.#book?.more(state);
  }

  /** @param {Book} book */
  async #rest(book) {
    try {
      await book.rest();
    } catch (error) {
      // It goes on when the server is asked next.
      if (!book.signal.aborted && error instanceof ServerError) this.#fail(error);
    }
    if (book.signal.aborted || this.state.phase !== "opening") return;
    this.state.phase = "open";
    this.#show();
  }

  /** @param {Page} page */
  #page(page) {
    this.#answered();
    this.#set(page.now);
    this.#stored = { waiting: page.waiting, closed: page.closed };
    this.#sealsTo = page.readers ?? [];
    this.state.keepDays = page.keep_days;
  }

  /** Goes by the server's clock. @param {number} now */
  #set(now) {
    this.#offset = now - this.#time.clock();
    const minutes = Math.round(-this.#offset / 60_000);
    this.state.clockOff = Math.abs(minutes) > CLOCKS ? minutes : 0;
  }

  // --- Changing ---

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
   * @param {readonly string[]} references
   * @param {State} state
   * @param {(request: requests.Request) => requests.Request} change
   * @returns {Promise<{reference: string, result: Result}[]>}
   */
  async #change(references, state, change) {
    const [book, keys] = [this.#book, this.#keys];
    if (book === null || keys === null) return [];
    /** @type {Map<string, Result>} */
    const results = new Map();
    /** @type {Change[]} */
    const changes = [];
    for (const reference of references) {
      const made = await changeOf(book.entry(reference), state, change, keys);
      if (typeof made === "string") results.set(reference, made);
      else changes.push(made);
    }
    for (let from = 0; from < changes.length; from += CHANGES) {
      try {
        await book.queue(() => this.#send(book, changes.slice(from, from + CHANGES), results));
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
   * @param {Book} book
   * @param {Change[]} changes
   * @param {Map<string, Result>} results takes what came of them
   */
  async #send(book, changes, results) {
    const answer = await send(this.#server, changes, this.#time);
    this.#answered();
    if (book.signal.aborted) return;
    this.#set(answer.now);
    for (const [at, change] of changes.entries()) {
      const one = answer.results[at];
      if (one === undefined) continue;
      results.set(change.reference, one.result);
      const more = await book.apply(change, one, answer.now);
      this.#stored = { waiting: this.#stored.waiting + more.waiting, closed: this.#stored.closed + more.closed };
    }
  }

  // --- Watching ---

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
   * Asks whether something changed, and looks what.
   *
   * @param {AbortSignal} signal
   */
  async #look(signal) {
    const book = this.#book;
    const counts = await this.#server.wait(book?.revision ?? this.#revision, signal);
    this.#answered();
    if (book !== this.#book) return;
    if (book === null) return this.#count(counts);
    if (counts.revision !== book.revision) {
      await book.reload("waiting", signal);
      await book.reload("closed", signal);
      if (book.signal.aborted) return;
      book.revision = counts.revision;
      this.#arrived(book.fresh().filter(waits).length);
    }
    // Goes on where the connection was lost.
    if (this.state.phase === "open") await this.#rest(book);
  }

  /** Counts on while it is locked. @param {import("./server.js").Counts} counts */
  #count({ revision, waiting, closed }) {
    // Those that are there when it begins haven't just come.
    const more = this.#revision === "" ? 0 : waiting - this.#stored.waiting;
    this.#stored = { waiting, closed };
    this.#revision = revision;
    this.#show();
    this.#arrived(more);
  }

  /** @param {number} count */
  #arrived(count) {
    if (count > 0) this.dispatchEvent(new CustomEvent("arrived", { detail: { count } }));
  }

  /** Whatever the server answers, it is there. */
  #answered() {
    if (this.state.connection !== "lost") return;
    this.state.connection = "good";
    this.#trouble = null;
    this.#show();
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
    const isNew = this.#trouble !== error.code;
    this.#trouble = error.code;
    if (isNew && !PASSING.includes(error.code)) this.dispatchEvent(new CustomEvent("troubled", { detail: { code: error.code } }));
    if (this.state.connection === "lost") return;
    this.state.connection = "lost";
    this.#show();
  }

  /** Brings the state up to date, and tells it. */
  #show() {
    const known = this.#keys?.known ?? new Set();
    show(this.state, { lists: this.#book?.lists, stored: this.#stored, sealsTo: this.#sealsTo, known });
    this.dispatchEvent(new Event("change"));
  }
}
