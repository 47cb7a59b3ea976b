// Asks the server again and again whether something changed: one long question after the other. After a failure it waits longer each time; after
// a computer's sleep, or when the network is back, it asks at once.

import { ServerError } from "./server.js";

/** How long after a failure it asks again, in seconds: twice as long each time, up to the last. A part is left to chance, so that not all ask at once. */
const FIRST = 1;
const LAST = 60;

/** The least time between two questions, in seconds, whatever the server answers. */
const LEAST = 1;

/** How often it looks at the clock, in seconds; later than thrice as long, the computer was asleep. */
const TICK = 5;

/**
 * What a page has and a test makes up.
 *
 * @typedef {object} Time
 * @property {() => number} clock milliseconds since 1970, by this computer
 * @property {(then: () => void, milliseconds: number) => unknown} setTimeout
 * @property {(timer: any) => void} clearTimeout
 * @property {() => number} random from 0 to 1
 */

export class Watch {
  #time;
  #ask;
  #failed;
  /** @type {AbortController | null} aborted: it stops */
  #running = null;
  /** @type {AbortController | null} aborted: it asks anew */
  #round = null;
  /** @type {unknown} the timer that looks at the clock */
  #ticking;

  /**
   * @param {Time} time
   * @param {(signal: AbortSignal) => Promise<void>} ask rejects with a {@link ServerError}
   * @param {(error: ServerError) => void} failed is told of each failure; it may stop the watch
   */
  constructor(time, ask, failed) {
    this.#time = time;
    this.#ask = ask;
    this.#failed = failed;
  }

  start() {
    if (this.#running !== null) return;
    const running = (this.#running = new AbortController());
    void this.#run(running.signal);
    this.#tick(this.#time.clock());
  }

  stop() {
    this.#running?.abort();
    this.#running = null;
    this.#time.clearTimeout(this.#ticking);
    this.#round?.abort();
  }

  /** Asks at once, whatever is being waited for. */
  nudge() {
    this.#round?.abort();
  }

  /** @param {AbortSignal} stopped */
  async #run(stopped) {
    let failures = 0;
    while (!stopped.aborted) {
      const round = (this.#round = new AbortController());
      const began = this.#time.clock();
      let wait = 0;
      try {
        await this.#ask(round.signal);
        failures = 0;
        wait = LEAST - (this.#time.clock() - began) / 1000;
      } catch (error) {
        if (stopped.aborted) return;
        // It was nudged: what was lost is not the server's fault.
        if (round.signal.aborted) {
          failures = 0;
          continue;
        }
        const cause = error instanceof ServerError ? error : new ServerError("not_the_desk");
        this.#failed(cause);
        wait = Math.max(cause.retryAfter ?? 0, Math.min(LAST, FIRST * 2 ** failures) * (0.5 + this.#time.random() / 2));
        failures += 1;
      }
      if (!stopped.aborted && wait > 0) await this.#sleep(Math.min(wait, LAST) * 1000, round.signal);
    }
  }

  /**
   * @param {number} milliseconds
   * @param {AbortSignal} signal ends it early
   * @returns {Promise<void>}
   */
  #sleep(milliseconds, signal) {
    return new Promise((resolve) => {
      const done = () => {
        this.#time.clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = this.#time.setTimeout(done, milliseconds);
      if (signal.aborted) done();
      else signal.addEventListener("abort", done);
    });
  }

  /** @param {number} last when it looked last */
  #tick(last) {
    this.#ticking = this.#time.setTimeout(() => {
      const now = this.#time.clock();
      if (Math.abs(now - last) > 3 * TICK * 1000) this.nudge();
      this.#tick(now);
    }, TICK * 1000);
  }
}
