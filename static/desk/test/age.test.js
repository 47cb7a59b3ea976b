import "./crypto.js";
import assert from "node:assert/strict";
import test from "node:test";
import { fingerprint, grouped, newKey, open, seal } from "../src/core/age.js";

test("what is sealed opens with each of its keys, and with no other", async () => {
  const [mine, safe, other] = await Promise.all([newKey(), newKey(), newKey()]);
  const sealed = await seal("Call late. ¿Sí?", [mine.recipient, safe.recipient]);
  assert.equal(await open(sealed, [other.identity, mine.identity]), "Call late. ¿Sí?");
  assert.equal(await open(sealed, [safe.identity]), "Call late. ¿Sí?");
  await assert.rejects(open(sealed, [other.identity]), { code: "other_keys" });
  for (const damaged of [sealed.replace(/.{10}\n---/, "AAAAAAAAA=\n---"), sealed.slice(0, 400), "", sealed.repeat(20)]) {
    await assert.rejects(open(damaged, [mine.identity]), { code: "damaged" });
  }
});

test("a fingerprint has 128 bits in eight groups of four", async () => {
  const recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
  assert.match(grouped(await fingerprint(recipient)), /^([0-9a-f]{4} ){7}[0-9a-f]{4}$/);
});
