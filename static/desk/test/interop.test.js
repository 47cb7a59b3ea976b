// Debian's `age` and the program open what the page seals, and the other way round.
import "./crypto.js";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { fingerprint, grouped, newKey, open, seal } from "../src/core/age.js";
import { read, write } from "../src/core/keyfile.js";
import { plaintext, request } from "./fake-server.js";

const age = "age";
const { CLINIC_SITE_BIN: program, CLINIC_REPOSITORY: _, ...others } = process.env;
// The program takes no variable of its name that it doesn't know.
const env = Object.fromEntries(Object.entries(others).filter(([name]) => !name.startsWith("CLINIC_")));
const PASSPHRASE = "four words, sí, together";

function folder(t) {
  const path = mkdtempSync(join(tmpdir(), "clinic-site-desk-core-"));
  t.after(() => rmSync(path, { recursive: true }));
  return (name, text) => {
    if (text !== undefined) writeFileSync(join(path, name), text, { mode: 0o600 });
    return join(path, name);
  };
}

test("age opens what the page sealed to two keys, and the page what age sealed", async (t) => {
  const at = folder(t);
  const [mine, safe] = await Promise.all([newKey(), newKey()]);
  const text = plaintext(request({ reference: "0000-0001", keys: [mine.recipient, safe.recipient], name: "Ana ¿Sí? 💚" }));
  const sealed = at("sealed.age", await seal(text, [mine.recipient, safe.recipient]));
  for (const [name, key] of Object.entries({ mine, safe })) {
    const file = at(`${name}.txt`, await write({ keys: [key], readers: [] }, { comment: "for a test" }));
    assert.equal(execFileSync(age, ["--decrypt", "--identity", file, sealed], { encoding: "utf8" }), text);
    assert.equal(execFileSync("age-keygen", ["-y", file], { encoding: "utf8" }).trim(), key.recipient);
  }
  const theirs = execFileSync(age, ["--armor", "--recipient", safe.recipient, "--recipient", mine.recipient], { input: text, encoding: "utf8" });
  assert.equal(await open(theirs, [mine.identity]), text);
  const made = execFileSync("age-keygen", { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  assert.equal((await read(made)).keys.length, 1);
});

test("key files of the program are read, and it reads those of the page, locked or not", { skip: program ? false : "CLINIC_SITE_BIN names no program" }, async (t) => {
  const at = folder(t);
  const run = (...args) => execFileSync(program, args, { encoding: "utf8", env, stdio: ["ignore", "pipe", "pipe"] });
  const secret = at("passphrase.txt", `${PASSPHRASE}\n`);
  const [open_, locked] = [at("open.txt"), at("locked.txt")];
  const recipients = [run("keys", "new", "--out", open_), run("keys", "new", "--passphrase-file", secret, "--out", locked)].map((line) => line.trim());
  assert.equal((await read(readFileSync(open_))).keys[0].recipient, recipients[0]);
  await assert.rejects(read(readFileSync(locked)), { code: "locked" });
  assert.equal((await read(readFileSync(locked), PASSPHRASE)).keys[0].recipient, recipients[1]);

  // The program looks into a store with the page's files: it opens what the page sealed.
  const mine = await newKey();
  const store = at(".");
  at("requests.db", "");
  // It makes its tables when it first looks.
  run("requests", "list", "--data-dir", store, "--identity", open_);
  const sealed = await seal(plaintext(request({ reference: "0000-0001", keys: [mine.recipient], name: "Ana" })), [mine.recipient]);
  const insert = "import sqlite3,sys\nwith sqlite3.connect(sys.argv[1]) as base: base.execute(\"INSERT INTO requests (reference, received_hour, language, closed_day, keys, sealed) VALUES ('0000-0001', 0, 'en', NULL, '', ?)\", (sys.stdin.read(),))";
  execFileSync("python3", ["-c", insert, join(store, "requests.db")], { input: sealed });
  const file = { keys: [mine], readers: recipients };
  const plain = at("page.txt", await write(file));
  const shut = at("page-locked.txt", await write(file, { passphrase: PASSPHRASE, comment: "made by the desk page", work: 12 }));
  const shown = [run("requests", "show", "0000-0001", "--data-dir", store, "--identity", plain), run("requests", "show", "0000-0001", "--data-dir", store, "--identity", shut, "--passphrase-file", secret)];
  for (const text of shown) assert.match(text, /Ana/);
});

test("a key file is read as people keep it", async () => {
  const [mine, safe] = await Promise.all([newKey(), newKey()]);
  const text = await write({ keys: [mine], readers: [safe.recipient] }, { comment: "one\ntwo" });
  assert.equal(text, `# one\n# two\n# public key: ${mine.recipient}\n${mine.identity}\n# reader: ${safe.recipient}\n`);
  const wide = (order) => Uint8Array.from([...(order ? [0xff, 0xfe] : [0xfe, 0xff]), ...[...text].flatMap((c) => (order ? [c.charCodeAt(0), 0] : [0, c.charCodeAt(0)]))]);
  const utf8 = new TextEncoder().encode(text);
  const kept = [text, utf8, new Uint8Array([0xef, 0xbb, 0xbf, ...utf8]), wide(true), wide(false), text.replaceAll("\n", "\r\n"), `\ufeffa note of mine\r\n\r\n  ${text.replaceAll("\n", "  \r\n\t")}`];
  for (const file of kept) assert.deepEqual(await read(file), { keys: [mine], readers: [safe.recipient] });
  const both = await read(`${text}${await write({ keys: [safe], readers: [] })}# reader: age1nobody\n#reader: ${mine.recipient}\n`);
  assert.deepEqual(both, { keys: [mine, safe], readers: [safe.recipient, mine.recipient] });
  for (const nothing of ["", "hello", "# AGE-SECRET-KEY-1 is what it begins with\n", new Uint8Array([0xff, 0xd8, 0xff]), "A".repeat(70_000), await seal("x", [mine.recipient]), "-----BEGIN AGE ENCRYPTED FILE-----\n!\n-----END AGE ENCRYPTED FILE-----"]) {
    await assert.rejects(read(nothing, "a passphrase"), { code: "not_a_key_file" });
  }
  for (const broken of [mine.identity.slice(0, 50), mine.identity.toLowerCase().replace("age-secret-key-", "AGE-SECRET-KEY-"), `my key: ${mine.identity}`, "AGE-SECRET-KEY-PQ-1QQQQ"]) {
    await assert.rejects(read(`a note\n${broken}\n`), { code: "broken_key", line: 2 });
  }
});

test("a locked file opens with its passphrase alone, and asks for no more work than a browser can do", async () => {
  const mine = await newKey();
  const locked = await write({ keys: [mine], readers: [] }, { passphrase: PASSPHRASE, work: 10 });
  assert.ok(!locked.includes("SECRET") && !locked.includes(mine.recipient));
  await assert.rejects(read(locked), { code: "locked" });
  await assert.rejects(read(locked, "wrong"), { code: "wrong_passphrase" });
  const told = [];
  let answered = 0;
  const timer = setInterval(() => (answered += 1), 1);
  await read(await write({ keys: [mine], readers: [] }, { passphrase: PASSPHRASE, work: 14 }), PASSPHRASE, (part) => told.push(part));
  clearInterval(timer);
  assert.ok(told.length > 10 && told.every((part, at) => part > (told[at - 1] ?? 0)) && told.at(-1) === 1, "it tells how far it is");
  assert.ok(answered > 0, "the page answers meanwhile");
  for (const file of [locked, `Notes, of mine\r\n${locked.replaceAll("\n", "\r\n")}and after it`]) assert.deepEqual((await read(file, PASSPHRASE)).keys, [mine]);
  const bytes = Buffer.from(locked.split("\n").slice(1, -2).join(""), "base64");
  assert.deepEqual((await read(new Uint8Array(bytes), PASSPHRASE)).keys, [mine], "without armor");
  for (const work of ["21", "22", "63"]) {
    const harder = Buffer.from(bytes.toString("latin1").replace(/(-> scrypt \S+ )\d+/, `$1${work}`), "latin1");
    await assert.rejects(read(new Uint8Array(harder), PASSPHRASE), { code: "too_much_work" });
  }
  const odd = Buffer.from(bytes.toString("latin1").replace(/(-> scrypt \S+ )\d+/, "$1999"), "latin1");
  await assert.rejects(read(new Uint8Array(odd), PASSPHRASE), { code: "not_a_key_file" });
});

test("a fingerprint is the beginning of the SHA-256 of the key's text", async () => {
  const { recipient } = await newKey();
  const whole = execFileSync("sha256sum", { input: recipient, encoding: "utf8" });
  assert.equal(await fingerprint(recipient), whole.slice(0, 32));
  assert.match(grouped(await fingerprint(recipient)), /^([0-9a-f]{4} ){7}[0-9a-f]{4}$/);
});
