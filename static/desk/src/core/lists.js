// The rows of the store as far as this page has them, in the server's order, and what could be opened of them.

/** @typedef {import("./server.js").Row} Row */
/** @typedef {import("./server.js").State} State */
/** @typedef {import("./server.js").Place} Place */
/** @typedef {import("./server.js").Server} Server */
/** @typedef {import("./request.js").Request} OpenedRequest */

/**
 * A request of a list.
 *
 * @typedef {object} Entry
 * @property {Row} row
 * @property {OpenedRequest | null} request `null`: not opened yet, or it can't be: `why`
 * @property {"other_keys" | "damaged" | "exchanged" | null} why why it can't be opened
 * @property {import("./request.js").Trouble[]} troubles
 * @property {string[]} strangers the readers it names that this desk doesn't know
 * @property {import("./request.js").Before | null} before
 */

/** How many rows are loaded without being asked for, of each state. */
export const MOST = 2_000;

/** How many rows a page has: the first, when it is looked whether something changed, and all others. */
const [FEW, MANY] = [20, 100];

/** A row that nobody has opened yet. @param {Row} row @returns {Entry} */
function entry(row) {
  return { row, request: null, why: null, troubles: [], strangers: [], before: null };
}

/** The rows of one state. */
export class List {
  /** @type {Entry[]} in the server's order */
  entries = [];
  /** @type {Place | null} where what isn't loaded begins */
  next = null;

  /** @param {State} state */
  constructor(state) {
    this.state = state;
  }

  /**
   * Where a reference is, or -1.
   *
   * @param {string} reference
   */
  at(reference) {
    return this.entries.findIndex(({ row }) => row.reference === reference);
  }

  /**
   * An entry for each row that wasn't among `fresh`: the one that is there, if it is sealed as it was.
   *
   * @param {Row[]} rows
   * @param {Map<string, Entry>} old
   * @param {Map<string, Entry>} fresh takes them
   */
  static #take(rows, old, fresh) {
    for (const row of rows) {
      if (fresh.has(row.reference)) continue;
      const known = old.get(row.reference);
      if (known?.row.sealed === row.sealed) known.row = row;
      fresh.set(row.reference, known?.row === row ? known : entry(row));
    }
  }

  /**
   * Looks what is new: from the newest on, until what comes is what is there already.
   *
   * @param {Server} server
   * @param {(page: import("./server.js").Page) => void} seen is given each page
   * @param {AbortSignal} [signal]
   */
  async reload(server, seen, signal) {
    const before = this.entries;
    const old = new Map(before.map((one) => [one.row.reference, one]));
    /** @type {Map<string, Entry>} */
    const fresh = new Map();
    /** @type {Place | null} */
    let after = null;
    for (;;) {
      const page = await server.list(this.state, after, after === null && before.length > 0 ? FEW : MANY, signal);
      seen(page);
      const had = fresh.size;
      List.#take(page.rows, old, fresh);
      after = fresh.size > had ? page.next : null;
      const last = before.findIndex(({ row }) => row.reference === page.rows.at(-1)?.reference);
      const rest = last < 0 ? [] : before.slice(last + 1).filter(({ row }) => !fresh.has(row.reference));
      const isAll = fresh.size + rest.length === page[this.state];
      // The counts tell whether something went from among those that weren't looked at.
      if (after !== null && last >= 0 && (isAll || this.next !== null)) {
        this.entries = [...fresh.values(), ...rest];
        return;
      }
      if (after === null || fresh.size >= before.length) break;
    }
    this.entries = [...fresh.values()];
    this.next = after;
  }

  /**
   * Loads the next page.
   *
   * @param {Server} server
   * @param {(page: import("./server.js").Page) => void} seen
   * @param {AbortSignal} [signal]
   */
  async more(server, seen, signal) {
    if (this.next === null) return;
    const page = await server.list(this.state, this.next, MANY, signal);
    seen(page);
    const all = new Map(this.entries.map((one) => [one.row.reference, one]));
    const had = all.size;
    List.#take(page.rows, all, all);
    this.entries = [...all.values()];
    // A server that goes in circles is followed no further.
    this.next = all.size > had ? page.next : null;
  }
}

/**
 * Whether an entry counts as waiting: closed is what is stored and sealed as closed.
 *
 * @param {Entry} one
 * @returns {boolean}
 */
export function waits({ row, request }) {
  return row.closed_day === null || (request !== null && request.closing === null);
}
