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

test("a browser that doesn't know the keys, or has no crypto.subtle, opens and makes keys all the same", async (t) => {
  const mine = await newKey();
  const sealed = await seal("Call late.", [mine.recipient]);
  const { subtle } = crypto;
  t.after(() => Reflect.deleteProperty(crypto, "subtle"));
  const unknown = () => Promise.reject(new DOMException("X25519 is not known", "NotSupportedError"));
  for (const poorer of [undefined, { ...subtle, importKey: unknown, deriveBits: unknown }]) {
    Object.defineProperty(crypto, "subtle", { value: poorer, configurable: true });
    let failed = null;
    try {
      assert.equal(await open(sealed, [mine.identity]), "Call late.");
      const other = await newKey();
      assert.equal(await open(await seal("Sí", [other.recipient]), [other.identity]), "Sí");
    } catch (error) {
      failed = error;
    }
    assert.equal(failed, null, String(failed?.stack));
  }
});
