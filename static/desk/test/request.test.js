// What the program and this page must read alike: the vectors are tests/fixtures, which tests of the program read too.
import "./node18.js";
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { open } from "../src/core/age.js";
import { read } from "../src/core/keyfile.js";
import * as requests from "../src/core/request.js";
import { request } from "./fake-server.js";
import { repository } from "./help.js";

const fixtures = join(repository, "tests/fixtures");
const SEALED = join(fixtures, "sealed");

test("what people typed is tidied as the program does it", async () => {
  const vectors = JSON.parse(await readFile(join(fixtures, "tidy.json"), "utf8"));
  assert.ok(vectors.length >= 39);
  for (const [typed, line, lines] of vectors) {
    assert.deepEqual([requests.line(typed), requests.lines(typed)], [line, lines], JSON.stringify(typed));
    assert.deepEqual([requests.line(line), requests.lines(lines)], [line, lines], "what is tidy stays");
  }
});

test("requests that older versions sealed open, and are sealed again as they were", async () => {
  const { keys } = await read(await readFile(join(SEALED, "test-key.txt")));
  const names = (await readdir(SEALED)).filter((name) => name.endsWith(".age"));
  assert.equal(names.length, 11);
  for (const name of names) {
    const whole = JSON.parse(await readFile(join(SEALED, name.replace(/age$/, "json")), "utf8"));
    const opened = requests.parse(await open(await readFile(join(SEALED, name), "utf8"), keys.map(({ identity }) => identity)));
    const again = requests.plaintext(opened);
    assert.equal(new TextEncoder().encode(again).length, requests.PLAINTEXT_BYTES);
    assert.deepEqual(JSON.parse(again), whole, name);
    const { reference, received, page, name: called, phone, message, times, language, other_language, whom, note, closing } = opened;
    const { version, keys: readers, ...answers } = whole;
    assert.deepEqual({ reference, received, page, name: called, phone, message, times, language, other_language, whom, note, closing }, answers, name);
    assert.deepEqual([version, opened.keys], [1, readers]);
    const closed = requests.close(opened, { outcome: "booked", note: "Monday,\r\n9 am ", at: Date.parse("2026-11-27T17:30:59Z") });
    assert.deepEqual(JSON.parse(requests.plaintext(closed)), { ...whole, closing: { outcome: "booked", note: "Monday,\n9 am", at: "2026-11-27T17:30:00Z" } });
    assert.deepEqual(JSON.parse(requests.plaintext(requests.reopen(closed))), { ...whole, closing: null });
  }
});

test("what is no request is refused, a note is counted in characters, and what doesn't fit is not sealed", () => {
  const whole = request({ reference: "0000-0001", at: 0, keys: [] });
  const wrong = [
    "", "null", "[]", "7", "{}", '"a"', JSON.stringify({ ...whole, name: 7 }), JSON.stringify({ ...whole, name: null }), JSON.stringify({ ...whole, keys: "age1" }),
    JSON.stringify({ ...whole, keys: [1] }), JSON.stringify({ ...whole, times: "night" }), JSON.stringify({ ...whole, closing: "booked" }),
    JSON.stringify({ ...whole, version: undefined }), JSON.stringify({ ...whole, received: undefined }), JSON.stringify(whole).replace('"Ana"', '"\\ud83d"'),
    `${JSON.stringify(whole)}\n{}`,
  ];
  for (const text of wrong) assert.throws(() => requests.parse(text), { code: "not_a_request" }, text);
  const { name: _, ...older } = whole;
  assert.equal(requests.parse(JSON.stringify(older)).name, "", "a field that came later");
  const opened = requests.parse(JSON.stringify(whole));
  assert.equal(requests.length(requests.close(opened, { outcome: "booked", note: "😀".repeat(300), at: 0 }).closing.note), 300);
  assert.throws(() => requests.close(opened, { outcome: "booked", note: "é".repeat(301), at: 0 }), { code: "too_long" });
  const long = requests.parse(JSON.stringify({ ...whole, later: "x".repeat(6000) }));
  assert.throws(() => requests.plaintext(requests.close(long, { outcome: "booked", note: "😀".repeat(300), at: 0 })), { code: "too_long" });
  assert.equal(requests.parse(JSON.stringify({ ...whole, closing: { outcome: "moved_away", note: "", at: "" } })).closing.outcome, null);
  assert.equal(JSON.stringify(requests.parse(`{"__proto__":{"name":"x"},${JSON.stringify(whole).slice(1)}`).whole).startsWith('{"__proto__"'), true);
});

test("a number is dialled as the program dials it, or not at all", async () => {
  const text = await readFile(join(fixtures, "phones.txt"), "utf8");
  const unescaped = (spelling) => spelling.replace(/\\u\{([0-9a-f]+)\}/g, (_, code) => String.fromCodePoint(Number.parseInt(code, 16))).replaceAll("\\t", "\t");
  const table = [...text.matchAll(/^`(.*)` \| ([^|]*) \| ([^|]*) \|/gm)].map(([, spelling, dialled, extension]) => [requests.line(unescaped(spelling)), dialled.trim(), extension.trim()]);
  assert.ok(table.length >= 200);
  let understood = 0;
  for (const [spelling, dialled, extension] of table) {
    const read = requests.dialled(spelling);
    if (read !== null) assert.equal(read, dialled, spelling);
    understood += read === null ? 0 : 1;
    if (dialled === "-") continue;
    // As requests hold it.
    const ten = /^\+1(...)(...)(....)$/.exec(dialled);
    const shown = `${ten ? ten.slice(1).join("-") : dialled}${extension && ` x${extension}`}`;
    assert.equal(requests.dialled(shown), dialled, shown);
  }
  assert.ok(understood >= 40, String(understood));
});

test("who asked before is told by the number or the name, in any order, and the language by the page", () => {
  const asked = (at, name, phone, page = "en") => requests.parse(JSON.stringify(request({ reference: `0000-000${at}`, at: at * 60_000, keys: [], name, phone, page })));
  const all = [asked(1, "Ana", "916-555-0100"), asked(2, "Ben", "916-555-0101"), asked(3, "A.", "(916) 555 0100"), asked(4, "BEN", "916-555-0102"), asked(5, "Ana", "+1 916 555 0100")];
  const before = requests.askedBefore([all[3], all[0], all[4], all[2], all[1]]);
  assert.deepEqual([...before].sort(), [
    ["0000-0003", { reference: "0000-0001", what: "number" }],
    ["0000-0004", { reference: "0000-0002", what: "name" }],
    ["0000-0005", { reference: "0000-0003", what: "number" }],
  ]);
  // Of one minute, in any order, whichever is closed: each says that there is the other.
  const twins = [2, 1].map((at) => ({ ...asked(1, "Ana", "916-555-0100"), reference: `0000-000${at}` }));
  for (const both of [twins, [...twins].reverse()]) {
    assert.deepEqual([...requests.askedBefore(both)].sort(), [
      ["0000-0001", { reference: "0000-0002", what: "number" }],
      ["0000-0002", { reference: "0000-0001", what: "number" }],
    ]);
  }
  assert.deepEqual(["en", "es", "fr", "zh-Hant", "toString", "EN"].map((page) => requests.spoken(asked(1, "", "", page))), ["english", "spanish", "fr", "zh-Hant", null, null]);
});
