import assert from "node:assert/strict";
import test from "node:test";
import { open } from "../src/core/age.js";
import { deskOf, entry, setting, until } from "./help.js";

test("requests are opened, closed, opened again, and come in by themselves", async (t) => {
  const all = await setting(t);
  const { server, file, pairs } = all;
  const [one, two] = [await server.add({ minutes: 90 }), await server.add({ minutes: 5, name: "Ben", phone: "(916) 555-0100" })];
  const desk = deskOf(t, all);
  const arrived = [];
  desk.addEventListener("arrived", (event) => arrived.push(event.detail.count));
  await desk.unlock([file]);
  await until(desk, ({ phase }) => phase === "open");
  assert.deepEqual(desk.state.counts, { waiting: 2, closed: 0 });
  assert.deepEqual(entry(desk, two).before, { reference: one, what: "number" });
  assert.deepEqual([desk.state.strangers, desk.state.clockOff, desk.state.connection], [[], 0, "good"]);
  assert.deepEqual(entry(desk, one).troubles, []);

  assert.equal(await desk.close(one, "booked", " Monday,\r\n9 am "), "done");
  assert.deepEqual(desk.state.counts, { waiting: 1, closed: 1 });
  const { row } = entry(desk, one);
  assert.equal(row.sealed, server.rows.get(one).sealed);
  assert.equal(row.history.at(-1).key, desk.state.own[0]);
  // Whoever has the key of the safe reads it too, and it has the one length.
  const sealed = await open(row.sealed, [pairs[1].identity]);
  assert.equal(sealed.length, 6144);
  assert.deepEqual({ ...JSON.parse(sealed).closing, at: "" }, { outcome: "booked", note: "Monday,\n9 am", at: "" });
  assert.deepEqual(entry(desk, one).troubles, []);

  assert.equal(await desk.reopen(one), "done");
  assert.equal(entry(desk, one).request.closing, null);
  assert.deepEqual(entry(desk, one).troubles, []);

  const three = await server.add({ minutes: 0, name: "Chen" });
  await until(desk, ({ waiting }) => waiting.some((found) => found.row.reference === three && found.request !== null), 5);
  await until(desk, () => arrived.length > 0, 5);
  assert.deepEqual(arrived, [1], "what this desk opened again is not new");
});

test("of two desks that close one request, one wins and the other is told", async (t) => {
  const all = await setting(t);
  const reference = await all.server.add();
  const [first, second] = [deskOf(t, all), deskOf(t, all)];
  await Promise.all([first.unlock([all.file]), second.unlock([all.file])]);
  const results = await Promise.all([first.close(reference, "booked", "one"), second.close(reference, "not_now", "two")]);
  assert.deepEqual([...results].sort(), ["changed", "done"]);
  const winner = results[0] === "done" ? "booked" : "not_now";
  for (const desk of [first, second]) {
    await until(desk, ({ closed }) => closed.length === 1);
    assert.equal(entry(desk, reference).request.closing.outcome, winner);
  }
});

test("an answer that gets lost is asked for again, and many are closed at once", async (t) => {
  const all = await setting(t, { keys: 1 });
  const references = [];
  for (let at = 0; at < 60; at += 1) references.push(await all.server.add());
  const desk = deskOf(t, all);
  await desk.unlock([all.file]);
  let lost = 0;
  all.server.hostile.change = async (_, response, usual) => {
    const answer = await usual();
    if (lost++ > 0) return answer;
    response.destroy();
    return undefined;
  };
  all.server.rows.delete(references[7]);
  const results = await desk.closeMany([...references, "0000-0000"], "not_a_request", "");
  assert.deepEqual(results.filter(({ result }) => result !== "done"), [{ reference: references[7], result: "gone" }, { reference: "0000-0000", result: "unreadable" }]);
  assert.equal(desk.state.counts.closed, 59);
  assert.ok(all.server.calls.filter(({ name }) => name === "change").every(({ body }) => body.changes.length <= 50));
});

test("locked, it knows no key and no request, and counts on; forgotten, it has no session", async (t) => {
  const all = await setting(t);
  await all.server.add();
  const desk = deskOf(t, all);
  const arrived = [];
  desk.addEventListener("arrived", (event) => arrived.push(event.detail.count));
  await desk.unlock([all.file]);
  await until(desk, ({ phase }) => phase === "open");
  desk.lock();
  assert.equal(desk.state.phase, "locked");
  assert.deepEqual([desk.state.waiting, desk.state.closed, desk.state.readers, desk.state.own], [[], [], [], []]);
  await all.server.add();
  await until(desk, ({ counts }) => counts.waiting === 2);
  assert.deepEqual([arrived, desk.state.waiting], [[1], []]);
  assert.equal(all.server.sessions.size, 1);
  await desk.unlock([all.file]);
  assert.equal(desk.state.waiting.length, 2);
  await desk.forget();
  assert.equal(all.server.sessions.size, 0, "the session of before was ended, too");
  assert.deepEqual([desk.state.phase, desk.state.waiting], ["locked", []]);
});

test("a session that ended locks the desk, and says why", async (t) => {
  const all = await setting(t);
  await all.server.add();
  const desk = deskOf(t, all);
  await desk.unlock([all.file]);
  await until(desk, ({ phase }) => phase === "open");
  all.server.sessions.clear();
  all.server.changed();
  await until(desk, ({ phase }) => phase === "locked");
  assert.deepEqual([desk.state.reason, desk.state.waiting], ["signed_out", []]);
});

test("a key that the server doesn't know opens nothing", async (t) => {
  const [all, other] = [await setting(t), await setting(t)];
  const desk = deskOf(t, all);
  await assert.rejects(desk.unlock([other.file]), { code: "unknown_key" });
  assert.deepEqual([desk.state.phase, desk.state.reason], ["locked", "unknown_key"]);
  assert.deepEqual(all.server.calls.map(({ name }) => name), ["challenge"]);
});
