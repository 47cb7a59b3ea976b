// Many requests: they are opened while the page goes on answering. CLINIC_DESK_ROWS says how many (tests/README.md).
import "./node18.js";
import assert from "node:assert/strict";
import test from "node:test";
import { seal } from "../src/core/age.js";
import { MOST } from "../src/core/lists.js";
import { plaintext, request } from "./fake-server.js";
import { deskOf, setting, until } from "./help.js";

const COUNT = Number(process.env.CLINIC_DESK_ROWS ?? 150);

test(`${COUNT} requests are opened in pages, and the page answers meanwhile`, async (t) => {
  const all = await setting(t);
  const keys = all.server.recipients;
  // One ciphertext for all: each is opened, and told to be another one's.
  const sealed = await seal(plaintext(request({ reference: "0000-0000", keys })), keys);
  for (let at = 0; at < COUNT; at += 1) all.server.put({ sealed, at: Date.now() - at * 60_000 });
  const desk = deskOf(t, all);
  let [longest, last] = [0, performance.now()];
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 5);
  const parts = [];
  desk.addEventListener("change", () => desk.state.progress.total > 0 && parts.push(desk.state.progress.done));
  const began = performance.now();
  await desk.unlock([all.file]);
  const first = performance.now() - began;
  assert.equal(desk.state.phase, "opening");
  assert.deepEqual(desk.state.progress, { done: 100, total: Math.min(MOST, COUNT) });
  await until(desk, ({ phase }) => phase === "open", 120);
  clearInterval(timer);
  const whole = performance.now() - began;
  t.diagnostic(`the first 100 after ${Math.round(first)} ms, ${Math.min(MOST, COUNT)} after ${Math.round(whole)} ms, the longest without an answer ${Math.round(longest)} ms`);
  assert.equal(desk.state.waiting.length, Math.min(MOST, COUNT));
  assert.ok(desk.state.waiting.every(({ why }) => why === "exchanged"));
  assert.deepEqual(parts, [...parts].sort((a, b) => a - b));
  assert.ok(longest < whole / 2, `${longest} of ${whole} ms`);
  assert.equal(desk.state.more.waiting, COUNT > MOST);
  if (COUNT > MOST) {
    await desk.more("waiting");
    assert.equal(desk.state.waiting.length, Math.min(COUNT, MOST + 500));
  }
  // The newest first; what changed far down is found by the counts.
  const { reference } = [...all.server.rows.values()].at(-1);
  const newest = all.server.put({ sealed });
  await until(desk, ({ waiting }) => waiting[0].row.reference === newest);
  if (COUNT > MOST) return;
  all.server.rows.delete(reference);
  all.server.changed();
  await until(desk, ({ waiting, counts }) => waiting.length === COUNT && counts.waiting === COUNT && !waiting.some(({ row }) => row.reference === reference));
});

test("a computer's clock that is wrong is told, and what is written goes by the server's", async (t) => {
  const all = await setting(t);
  all.server.skew = 90 * 86_400_000;
  const reference = await all.server.add();
  const desk = deskOf(t, all);
  await desk.unlock([all.file]);
  assert.ok(Math.abs(desk.state.clockOff + 90 * 24 * 60) <= 1, String(desk.state.clockOff));
  assert.equal(await desk.close(reference, "booked", ""), "done");
  assert.ok(Math.abs(Date.parse(desk.state.closed[0].request.closing.at) - all.server.now()) < 120_000);
  assert.deepEqual(desk.state.closed[0].troubles, []);
  all.server.skew = 9 * 60_000;
  await desk.load("waiting");
  assert.equal(desk.state.clockOff, 0);
});

test("a connection that is lost is told, and what was missed is there when it is back", async (t) => {
  const all = await setting(t);
  const desk = deskOf(t, all);
  const troubled = [];
  desk.addEventListener("troubled", (event) => troubled.push(event.detail.code));
  await desk.unlock([all.file]);
  await until(desk, ({ phase }) => phase === "open");
  all.server.hostile.wait = async (_, response) => void response.destroy();
  all.server.changed();
  await until(desk, ({ connection }) => connection === "lost");
  const reference = await all.server.add();
  all.server.hostile.wait = async () => [200, "<b>"];
  await until(desk, () => troubled.length > 0);
  assert.equal(desk.state.connection, "lost");
  all.server.hostile = {};
  await until(desk, ({ waiting, connection }) => connection === "good" && waiting.length === 1 && waiting[0].row.reference === reference);
  assert.deepEqual(troubled, ["not_the_desk"], "once, and not that it was lost");
  all.server.hostile.wait = async () => [302, "", { location: "https://other.example/" }];
  all.server.changed();
  await until(desk, () => troubled.length > 1);
  assert.deepEqual(troubled, ["not_the_desk", "redirected"]);
});

test("any answer says that the connection is back, a new sign-in as much as a list", async (t) => {
  const all = await setting(t);
  const desk = deskOf(t, all);
  const lose = async () => {
    all.server.hostile.wait = async (_, response) => void response.destroy();
    all.server.changed();
    await until(desk, ({ connection }) => connection === "lost");
    // From here on, the long question is never answered.
    all.server.hostile.wait = () => new Promise(() => {});
  };
  await desk.unlock([all.file]);
  await lose();
  await desk.load("waiting");
  assert.equal(desk.state.connection, "good");
  await lose();
  desk.lock();
  assert.equal(desk.state.connection, "lost");
  await desk.unlock([all.file]);
  assert.equal(desk.state.connection, "good");
});
