// What a server does that somebody else has taken over: the core gives nothing away, has a code for it, and stays usable.
import "./crypto.js";
import assert from "node:assert/strict";
import test from "node:test";
import { newKey, open, seal } from "../src/core/age.js";
import { Server } from "../src/core/server.js";
import { plaintext, request } from "./fake-server.js";
import { deskOf, entry, setting, until } from "./help.js";

const TOKEN = "0123456789abcdef".repeat(4);
const named = (server, name) => server.calls.filter((call) => call.name === name);

test("nothing that was opened as a challenge is sent back but the token of a sign-in of this server", async (t) => {
  const all = await setting(t);
  const { server, pairs, file } = all;
  const mine = pairs[0].recipient;
  const sign = (origin, { first = "clinic-site desk 1", purpose = "sign in", until = "2026-11-28T00:00:00Z", token = TOKEN, end = "\n" } = {}) =>
    `${first}\n${origin}\n${purpose}\n${until}\n${token}${end}`;
  const foreign = {
    "a request": plaintext(request({ reference: "0000-0001", keys: [mine], name: "Ana Secret" })),
    "another origin's": sign("https://other.example"),
    "another origin's of the same beginning": sign(`${server.url}.other.example`),
    "a line more": sign(server.url, { end: "\nAna Secret\n" }),
    "a line before": `Ana Secret\n${sign(server.url)}`,
    "no end of line": sign(server.url, { end: "" }),
    "lines of Windows": sign(server.url).replaceAll("\n", "\r\n"),
    "another purpose": sign(server.url, { purpose: "sign in to something else" }),
    "another version": sign(server.url, { first: "clinic-site desk 2" }),
    "a longer token": sign(server.url, { token: `${TOKEN}00` }),
    "a token that says something": sign(server.url, { token: "Ana Secret".padEnd(64, "x") }),
    "no instant": sign(server.url, { until: "Ana Secret" }),
    "the token of another script": sign(server.url, { token: TOKEN.replaceAll("0", "٠") }),
    "an origin with a line": sign(`${server.url}\nAna Secret`),
    "nothing": "",
  };
  for (const [what, text] of Object.entries(foreign)) {
    server.calls.length = 0;
    const sealed = await seal(text, [mine]);
    const good = (await server.usual.challenge())[1].challenges;
    server.hostile.challenge = async () => [200, { challenges: [sealed, ...good] }];
    const desk = deskOf(t, all);
    await assert.rejects(desk.unlock([file]), { code: "foreign_challenge" }, what);
    assert.deepEqual([desk.state.phase, desk.state.reason], ["locked", "foreign_challenge"], what);
    assert.deepEqual(server.calls.map(({ name, body }) => [name, body]), [["challenge", {}]], what);
  }
  server.hostile.challenge = async () => [200, { challenges: ["-----BEGIN AGE ENCRYPTED FILE-----\nAAAA\n-----END AGE ENCRYPTED FILE-----"] }];
  await assert.rejects(deskOf(t, all).unlock([file]), { code: "not_the_desk" });
  assert.equal(named(server, "session").length, 0);
  delete server.hostile.challenge;
  const desk = deskOf(t, all);
  await desk.unlock([file]);
  assert.match(JSON.stringify(named(server, "session")[0].body), /^\{"token":"[0-9a-f]{64}"\}$/);
  assert.deepEqual(Object.keys(named(server, "list")[0].body), ["state", "after", "limit"]);
});

test("a row that was swapped, put back, moved or marked is told", async (t) => {
  const all = await setting(t);
  const { server, pairs, file } = all;
  const keys = pairs.map(({ recipient }) => recipient);
  const sealed = async (reference, closing = null, more = {}) => seal(plaintext(request({ reference, keys, closing, ...more })), keys);
  const today = Math.floor(Date.now() / 86_400_000);
  const at = `${new Date().toISOString().slice(0, 16)}:00Z`;
  const closing = { outcome: "booked", note: "", at };
  const closed = [{ state: "closed", key: "ab".repeat(16), hour: 3600 }];
  server.put({ reference: "SWAP-PED0", sealed: await sealed("0THE-R000") });
  server.put({ reference: "N0T0-SEA1", sealed: await sealed("N0T0-SEA1"), closed_day: 20_000 });
  server.put({ reference: "0PEN-AGA1", sealed: await sealed("0PEN-AGA1", closing) });
  server.put({ reference: "0DD0-H1ST", sealed: await sealed("0DD0-H1ST"), history: closed });
  server.put({ reference: "0DD0-DAY0", sealed: await sealed("0DD0-DAY0", closing), closed_day: today - 29, history: closed });
  server.put({ reference: "0DD0-AT00", sealed: await sealed("0DD0-AT00", { ...closing, at: "never" }), closed_day: today });
  server.put({ reference: "A110-G00D", sealed: await sealed("A110-G00D", closing), closed_day: today, history: closed });
  server.put({ reference: "BR0K-EN00", sealed: (await sealed("BR0K-EN00")).replace(/.{9}\n-----END/, "AAAAAAAAA\n-----END") });
  server.put({ reference: "T00B-1G00", sealed: "A".repeat(100_000) });
  server.put({ reference: "N0T0-JS0N", sealed: await seal("no request".padEnd(6144), keys) });
  server.put({ reference: "FORE-1GN0", sealed: await seal("other", [(await newKey()).recipient]) });
  const desk = deskOf(t, all);
  await desk.unlock([file]);
  const found = Object.fromEntries([...server.rows.keys()].map((reference) => [reference, entry(desk, reference)]));
  assert.deepEqual(
    Object.fromEntries(Object.entries(found).map(([reference, { why, troubles }]) => [reference, why ?? troubles])),
    {
      "SWAP-PED0": "exchanged",
      "N0T0-SEA1": ["closed_unsealed"],
      "0PEN-AGA1": ["waits_though_closed"],
      "0DD0-H1ST": ["history_differs"],
      "0DD0-DAY0": ["day_differs"],
      "0DD0-AT00": ["day_differs"],
      "A110-G00D": [],
      "BR0K-EN00": "damaged",
      "T00B-1G00": "damaged",
      "N0T0-JS0N": "damaged",
      "FORE-1GN0": "other_keys",
    },
  );
  assert.ok(desk.state.waiting.includes(found["N0T0-SEA1"]), "closed without a sealed closing counts as waiting");
  assert.deepEqual(desk.state.counts, { waiting: 8, closed: 3 });
  assert.equal(await desk.close("SWAP-PED0", "booked", ""), "unreadable");
  assert.equal(await desk.close("N0T0-SEA1", "booked", ""), "done");
  assert.deepEqual(entry(desk, "N0T0-SEA1").troubles, []);

  // An old ciphertext after a close.
  const reference = await server.add();
  const old = server.rows.get(reference);
  await until(desk, () => entry(desk, reference)?.request);
  assert.equal(await desk.close(reference, "booked", "Monday"), "done");
  server.put({ ...server.rows.get(reference), sealed: old.sealed });
  await until(desk, () => entry(desk, reference).troubles.length > 0);
  assert.deepEqual(entry(desk, reference).troubles, ["closed_unsealed"]);
  server.put({ ...server.rows.get(reference), closed_day: null });
  await until(desk, () => entry(desk, reference).troubles.includes("history_differs"));
});

test("a reader that nobody here knows is an alarm, and nothing is sealed to it", async (t) => {
  const all = await setting(t);
  const { server, pairs, file } = all;
  const stranger = await newKey();
  server.recipients.push(stranger.recipient);
  const named = await server.add({ to: server.recipients });
  const shut = await server.add({ to: [pairs[0].recipient] });
  const lines = await seal(plaintext(request({ reference: "SHVT-0VT0", keys: [stranger.recipient, "age1not", "-flag"] })), [pairs[0].recipient]);
  server.put({ reference: "SHVT-0VT0", sealed: lines });
  const desk = deskOf(t, all);
  await desk.unlock([file]);
  assert.deepEqual(desk.state.strangers, [stranger.recipient]);
  assert.deepEqual(entry(desk, "SHVT-0VT0").strangers, [stranger.recipient, "age1not", "-flag"]);
  assert.deepEqual([entry(desk, named).troubles, entry(desk, shut).troubles], [["stranger"], []]);
  assert.deepEqual(await desk.closeMany([named, "SHVT-0VT0"], "booked", "mine"), [
    { reference: named, result: "done" },
    { reference: "SHVT-0VT0", result: "not_for_us" },
  ]);
  const { sealed } = server.rows.get(named);
  await assert.rejects(open(sealed, [stranger.identity]), { code: "other_keys" });
  assert.match(await open(sealed, [pairs[1].identity]), /"note":"mine"/);
  assert.equal((sealed.length - (await seal("x".repeat(6144), [pairs[0].recipient, pairs[1].recipient])).length) ** 2 < 200 ** 2, true, "two readers");
  desk.trust(stranger.recipient);
  assert.deepEqual([desk.state.trusted, entry(desk, named).troubles], [[stranger.recipient], []]);
  assert.equal(await desk.reopen(named), "done");
  assert.match(await open(server.rows.get(named).sealed, [stranger.identity]), /"closing":null/);
});

test("markup, control characters and odd choices come out as tidy text, and what isn't known is sealed again", async (t) => {
  const all = await setting(t);
  const { server, file, pairs } = all;
  const markup = '<img src=x onerror="alert(1)">\u202e\u0007';
  const reference = await server.add({
    name: markup, note: `${markup}\r\nsecond`, phone: "javascript:alert(1)", message: "shout", times: ["night", "noon", 7, "morning"], language: markup, whom: { a: 1 },
    later: { kept: ["<b>"] }, page: "constructor", other_language: "\ud83d\ude00 \t x",
  });
  Object.assign(server.rows.get(reference), { language: markup, keys: markup, history: [{ state: "waiting", key: markup, hour: 0 }] });
  const desk = deskOf(t, all);
  await desk.unlock([file]);
  const { request: opened, row } = entry(desk, reference);
  const plain = '<img src=x onerror="alert(1)">';
  assert.deepEqual(
    [opened.name, opened.note, opened.message, opened.times, opened.language, opened.whom, opened.other_language],
    [plain, `${plain}\nsecond`, null, ["morning", "night"], null, null, "😀 x"],
  );
  assert.deepEqual([row.language, row.keys, row.history[0].key], [plain, plain, ""]);
  assert.equal(await desk.close(reference, "not_a_request", ""), "done");
  const again = JSON.parse(await open(server.rows.get(reference).sealed, [pairs[1].identity]));
  assert.deepEqual([again.later, again.message, again.times], [{ kept: ["<b>"] }, "shout", ["night", "noon", 7, "morning"]]);
});

/** Answers that are none, each with the code it has to have. */
const ANSWERS = {
  "a redirect": ["redirected", async () => [302, {}, { location: "https://other.example/" }]],
  "a redirect of another kind": ["redirected", async () => [307, {}, { location: "/desk/api/session" }]],
  "half an answer": ["unreachable", async (_, response) => void response.writeHead(200, { "content-length": "1000" }).write('{"now":', () => response.destroy())],
  "a page": ["not_the_desk", async () => [200, "<!doctype html><title>Sign in to the Wi-Fi</title>"]],
  "no page": ["not_the_desk", async () => [404, "<!doctype html><title>Not here</title>"]],
  "an array": ["not_the_desk", async () => [200, []]],
  "null": ["not_the_desk", async () => [200, "null"]],
  "a server error": ["unavailable", async () => [500, "<h1>oops</h1>"]],
  "unavailable": ["unavailable", async () => [503, { error: "unavailable" }]],
  "too many": ["too_many", async () => [429, { error: "too_many" }, { "retry-after": "3" }]],
  "too many, of a proxy": ["too_many", async () => [429, "slow down"]],
  "a code of its own": ["not_the_desk", async () => [418, { error: "<b>call 900-555-0100</b>" }]],
  "200 MB": ["too_long", async (_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const some = Buffer.alloc(1024 * 1024, 0x20);
    for (let at = 0; at < 200 && !response.destroyed; at += 1) {
      if (!response.write(some)) await new Promise((resolve) => response.once("drain", resolve).once("close", resolve));
    }
    response.end();
  }],
};

test("an answer that is none has a code, and the desk can be opened after it", async (t) => {
  const all = await setting(t);
  await all.server.add();
  for (const name of ["challenge", "session", "list"]) {
    for (const [what, [code, answer]] of Object.entries(ANSWERS)) {
      all.server.hostile = { [name]: answer };
      const desk = deskOf(t, all);
      await assert.rejects(desk.unlock([all.file]), { code }, `${what}, to ${name}`);
      assert.deepEqual([desk.state.phase, desk.state.waiting, desk.state.own], ["locked", [], []], `${what}, to ${name}`);
      all.server.hostile = {};
      await desk.unlock([all.file]);
      assert.equal(desk.state.waiting.length, 1);
      await desk.forget();
    }
  }
  const elsewhere = new Server({ ...all.server.config, server: "http://127.0.0.1:9" });
  await assert.rejects(elsewhere.signIn([all.file.keys[0].identity]), { code: "unreachable" });
});

test("an answer of another shape is refused as a whole", async (t) => {
  const all = await setting(t);
  await all.server.add();
  const wrong = [
    (page) => ({ ...page, now: "today" }), (page) => ({ ...page, now: undefined }), (page) => ({ ...page, waiting: -1 }), (page) => ({ ...page, waiting: "1" }),
    (page) => ({ ...page, closed: 1e300 }), (page) => ({ ...page, revision: 7 }), (page) => ({ ...page, revision: "x".repeat(1000) }),
    (page) => ({ ...page, readers: ["age1pq"] }), (page) => ({ ...page, readers: "all" }), (page) => ({ ...page, rows: {} }),
    (page) => ({ ...page, rows: Array(101).fill(page.rows[0]) }), (page) => ({ ...page, rows: [null] }), (page) => ({ ...page, next: 3 }),
    ...["reference", "received_hour", "closed_day", "sealed", "history", "keys", "language"].map((key) => (page) => ({ ...page, rows: [{ ...page.rows[0], [key]: { toString: 1 } }] })),
    (page) => ({ ...page, rows: [{ ...page.rows[0], history: [{ state: "gone", key: "", hour: 0 }] }] }),
  ];
  for (const [at, change] of wrong.entries()) {
    all.server.hostile.list = async (_, __, usual) => [200, change((await usual())[1])];
    await assert.rejects(deskOf(t, all).unlock([all.file]), { code: "not_the_desk" }, String(at));
  }
  for (const session of [{ session: "x", key: "" }, { session: TOKEN, key: "<b>" }, {}]) {
    all.server.hostile = { session: async () => [200, session] };
    await assert.rejects(deskOf(t, all).unlock([all.file]), { code: "not_the_desk" });
  }
  all.server.hostile = { challenge: async () => [200, { challenges: Array(9).fill("") }] };
  await assert.rejects(deskOf(t, all).unlock([all.file]), { code: "not_the_desk" });
});

test("results of other changes than were sent are refused", async (t) => {
  const all = await setting(t);
  const [one, two] = [await all.server.add(), await all.server.add()];
  const desk = deskOf(t, all);
  await desk.unlock([all.file]);
  const wrong = [(results) => [...results].reverse(), (results) => results.slice(1), (results) => results.map((result) => ({ ...result, result: "fine" }))];
  for (const change of wrong) {
    all.server.hostile.change = async () => [200, { now: "2026-11-28T00:00:00Z", revision: "1", results: change([one, two].map((reference) => ({ reference, result: "done", row: null }))) }];
    await assert.rejects(desk.closeMany([one, two], "booked", ""), { code: "not_the_desk" });
  }
  assert.deepEqual(desk.state.counts, { waiting: 2, closed: 0 });
});

test("a server that goes in circles, or has no end, is followed no further", async (t) => {
  const all = await setting(t);
  const [one] = [await all.server.add(), await all.server.add()];
  all.server.hostile.list = async (_, __, usual) => {
    const [status, page] = await usual();
    return [status, { ...page, waiting: 1_000_000, next: { reference: one, received_hour: 0, closed_day: null } }];
  };
  const desk = deskOf(t, all, { setTimeout });
  await desk.unlock([all.file]);
  await until(desk, ({ phase }) => phase === "open");
  assert.ok(named(all.server, "list").length < 10);
  // Each with a new revision: it is asked once a second at most.
  all.server.hostile.wait = async () => [200, { revision: String(Math.random()), waiting: 2, closed: 0 }];
  all.server.calls.length = 0;
  desk.nudge();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.ok(named(all.server, "wait").length <= 3, String(named(all.server, "wait").length));
});
