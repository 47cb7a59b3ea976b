// What is loaded and opened while the desk is open. It is thrown away as a whole when the desk is locked, with the keys.

import { changedRow } from "./changes.js";
import { List, MOST } from "./lists.js";
import { judge, openAll, openOne } from "./opening.js";

/** @typedef {import("./lists.js").Entry} Entry */
/** @typedef {import("./server.js").Change} Change */
/** @typedef {import("./server.js").Page} Page */
/** @typedef {import("./server.js").Row} Row */
/** @typedef {import("./server.js").State} State */

/**
 * The keys that it is open with.
 *
 * @typedef {object} OpenKeys
 * @property {(sealed: string) => Promise<string>} open
 * @property {string[]} own their public halves
 * @property {Set<string>} known the public keys that requests may be sealed to
 * @property {string} print the fingerprint of the one that is signed in
 */

export class Book {
  /** @type {Record<State, List>} */
  lists = { waiting: new List("waiting"), closed: new List("closed") };
  /** Which state of the store it shows; empty: none yet. */
  revision = "";

  #server;
  #keys;
  #seen;
  #tell;
  #closing = new AbortController();
  /** What was seen since it was opened. @type {Set<string>} */
  #met = new Set();
  /** How long the history of each was: it only grows. @type {Map<string, number>} */
  #histories = new Map();
  /** The last of what loads and changes. @type {Promise<unknown>} */
  #last = Promise.resolve();

  /**
   * @param {import("./server.js").Server} server
   * @param {OpenKeys} keys
   * @param {(page: Page) => void} seen is given each page of the server
   * @param {() => void} tell is called when more is opened
   */
  constructor(server, keys, seen, tell) {
    this.#server = server;
    this.#keys = keys;
    this.#seen = seen;
    this.#tell = tell;
  }

  /** Aborted when it is thrown away. */
  get signal() {
    return this.#closing.signal;
  }

  /** Throws it away: what is under way ends, and what comes of it is let go of. */
  close() {
    this.#closing.abort();
  }

  /** All entries that are loaded. @returns {Entry[]} */
  all() {
    return [...this.lists.waiting.entries, ...this.lists.closed.entries];
  }

  /** @param {string} reference */
  entry(reference) {
    return this.all().find(({ row }) => row.reference === reference);
  }

  /** Looks at all entries again, because a reader is trusted now. */
  judge() {
    for (const one of this.all()) judge(one, this.#keys.known);
  }

  /**
   * One after the other: what was asked before a change must not take the place of what the change made.
   *
   * @param {() => Promise<void>} work
   * @returns {Promise<void>}
   */
  queue(work) {
    const next = this.#last.then(() => (this.signal.aborted ? undefined : work()));
    this.#last = next.catch(() => {});
    return next;
  }

  /**
   * @param {() => Promise<void>} work loads something, which is opened then
   * @returns {Promise<void>}
   */
  #load(work) {
    return this.queue(async () => {
      await work();
      if (!this.signal.aborted) await openAll(this.all(), this.#keys, this.signal, this.#tell);
    });
  }

  /** @param {Page} page */
  #page = (page) => {
    if (this.signal.aborted) return;
    // What changed between two pages is seen when the server is asked next.
    this.revision ||= page.revision;
    for (const row of page.rows) this.#compare(row);
    this.#seen(page);
  };

  /**
   * Who puts a request of before back, can put its history back, too: but not what was seen of it.
   *
   * @param {Row} row
   */
  #compare(row) {
    const { length } = row.history;
    const before = this.#histories.get(row.reference) ?? 0;
    row.rewritten = length < before;
    this.#histories.set(row.reference, Math.max(length, before));
  }

  /**
   * Looks what is new of a state.
   *
   * @param {State} state
   * @param {AbortSignal} [signal]
   */
  reload(state, signal = this.signal) {
    return this.#load(() => this.lists[state].reload(this.#server, this.#page, signal));
  }

  /**
   * Loads the next page of a state. What is loaded late is not what came late.
   *
   * @param {State} state
   */
  more(state) {
    const list = this.lists[state];
    return this.#load(async () => {
      const had = list.entries.length;
      await list.more(this.#server, this.#page, this.signal);
      for (const { row } of list.entries.slice(had)) this.#met.add(row.reference);
    });
  }

  /** Loads what isn't loaded yet, as far as it is loaded without being asked for. */
  async rest() {
    for (const list of Object.values(this.lists)) {
      while (!this.signal.aborted && list.next !== null && list.entries.length < MOST) await this.more(list.state);
    }
  }

  /**
   * The entries that came since it was last asked.
   *
   * @returns {Entry[]}
   */
  fresh() {
    const fresh = this.all().filter(({ row }) => !this.#met.has(row.reference));
    for (const { row } of fresh) this.#met.add(row.reference);
    return fresh;
  }

  /**
   * Brings an entry to what the server says of a change.
   *
   * @param {Change} change
   * @param {import("./server.js").Changed} answer
   * @param {number} now by the server's clock, in milliseconds since 1970
   * @returns {Promise<Record<State, number>>} how many more there are of each state
   */
  async apply(change, { result, row }, now) {
    const more = { waiting: 0, closed: 0 };
    const one = this.entry(change.reference);
    if (one === undefined || result === "wrong_shape") return more;
    const made = result === "done" ? changedRow(one.row, change, now, this.#keys.print) : one.row;
    const is = result === "gone" ? null : (row ?? made);
    for (const list of Object.values(this.lists)) {
      if (!list.entries.includes(one)) continue;
      list.entries = list.entries.filter((other) => other !== one);
      more[list.state] -= 1;
    }
    if (is === null) return more;
    const list = this.lists[is.closed_day === null ? "waiting" : "closed"];
    list.entries = [one, ...list.entries];
    more[list.state] += 1;
    this.#compare(is);
    one.row = is;
    await openOne(one, this.#keys, this.signal);
    return more;
  }
}
