// The watching loop, with a clock of the test's own.
import "./crypto.js";
import assert from "node:assert/strict";
import test from "node:test";
import { ServerError } from "../src/core/server.js";
import { Watch } from "../src/core/watch.js";

/** A clock that stands still until it is told. */
class Clock {
  now = 1_000_000;
  timers = new Map();
  #next = 0;
  random = () => 1;
  clock = () => this.now;
  setTimeout = (then, milliseconds) => {
    this.#next += 1;
    this.timers.set(this.#next, { at: this.now + milliseconds, then });
    return this.#next;
  };
  clearTimeout = (timer) => void this.timers.delete(timer);

  /** Lets so many seconds pass, a quarter at a time. */
  async pass(seconds) {
    for (const end = this.now + seconds * 1000; this.now < end; ) {
      this.now = Math.min(end, this.now + 250);
      await this.due();
    }
  }

  /** Lets what is due come. */
  async due() {
    for (const [timer, { at, then }] of this.timers) {
      if (at > this.now) continue;
      this.timers.delete(timer);
      then();
    }
    for (let at = 0; at < 20; at += 1) await Promise.resolve();
  }
}

/** A watch whose questions are answered by the test. */
function watched(t) {
  const clock = new Clock();
  const asked = [];
  const failed = [];
  const ask = (signal) =>
    new Promise((resolve, reject) => {
      asked.push({ at: clock.now, resolve, reject: (code, after) => reject(new ServerError(code, after)), signal });
      signal.addEventListener("abort", () => reject(new ServerError("unreachable")));
    });
  const watch = new Watch(clock, ask, (error) => failed.push(error.code));
  t.after(() => watch.stop());
  watch.start();
  return { clock, asked, failed, watch };
}

test("after each failure it waits longer, up to a minute, and as long as the server asks", async (t) => {
  const { clock, asked, failed } = watched(t);
  const gaps = [];
  for (let at = 0; at < 8; at += 1) {
    const { at: when, reject } = asked.at(-1);
    reject("unreachable");
    await clock.due();
    while (asked.at(-1).at === when) await clock.pass(0.25);
    gaps.push((asked.at(-1).at - when) / 1000);
  }
  assert.deepEqual(gaps, [1, 2, 4, 8, 16, 32, 60, 60]);
  assert.equal(failed.length, 8);
  asked.at(-1).resolve();
  await clock.pass(2);
  const [count, when] = [asked.length, clock.now];
  asked.at(-1).reject("too_many", 30);
  await clock.due();
  await clock.pass(29);
  assert.equal(asked.length, count);
  await clock.pass(2);
  assert.equal(asked.at(-1).at, when + 30_000);
});

test("a part of the wait is left to chance", async (t) => {
  const { clock, asked } = watched(t);
  clock.random = () => 0;
  const { at: when, reject } = asked[0];
  reject("unreachable");
  await clock.due();
  await clock.pass(1);
  assert.equal(asked[1].at, when + 500);
});

test("a server that answers at once is asked once a second", async (t) => {
  const { clock, asked } = watched(t);
  for (let at = 0; at < 40; at += 1) {
    asked.at(-1).resolve();
    await clock.pass(0.25);
  }
  assert.equal(asked.length, 11);
});

test("after sleep it asks at once, and drops the question of before", async (t) => {
  const { clock, asked, failed } = watched(t);
  await clock.pass(20);
  assert.equal(asked.length, 1);
  clock.now += 3_600_000;
  await clock.due();
  await clock.due();
  assert.deepEqual([asked.length, asked[0].signal.aborted, failed], [2, true, []]);
  // The same while it waits after a failure.
  for (let at = 0; at < 6; at += 1) {
    asked.at(-1).reject("unreachable");
    await clock.pass(60);
  }
  asked.at(-1).reject("unreachable");
  await clock.pass(6);
  const count = asked.length;
  clock.now += 3_600_000;
  await clock.due();
  await clock.due();
  assert.equal(asked.length, count + 1);
});

test("nudged, it asks at once; stopped, it asks no more", async (t) => {
  const { clock, asked, watch } = watched(t);
  watch.start();
  assert.equal(asked.length, 1, "it is started once");
  asked[0].reject("unreachable");
  await clock.due();
  watch.nudge();
  await clock.due();
  assert.equal(asked.length, 2);
  watch.stop();
  await clock.pass(300);
  assert.deepEqual([asked.length, clock.timers.size, asked[1].signal.aborted], [2, 0, true]);
  watch.start();
  assert.equal(asked.length, 3);
});
