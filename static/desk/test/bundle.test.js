// The core as it is in the page, with what isn't used left out.
import "./node18.js";
import assert from "node:assert/strict";
import test from "node:test";
import { build } from "esbuild";
import { OPTIONS } from "../build.js";

test("bundled as in the page, it makes keys, seals, opens and locks, and knows no other kinds of keys", async () => {
  const contents = 'export * from "./src/core/age.js"; export * from "./src/core/keyfile.js"; export * from "./src/core/desk.js";';
  const { outputFiles, metafile } = await build({ ...OPTIONS, stdin: { contents, resolveDir: "." }, format: "esm" });
  assert.deepEqual(Object.keys(metafile.inputs).filter((path) => /post-quantum|nist/.test(path)), []);
  const { newKey, open, pair, read, seal, write } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
  const mine = await newKey();
  assert.equal(await open(await seal("Sí", [mine.recipient]), [mine.identity]), "Sí");
  const locked = await write({ keys: [mine], readers: [] }, { passphrase: "four words", work: 10 });
  assert.deepEqual((await read(locked, "four words")).keys, [mine]);
  await assert.rejects(pair("AGE-SECRET-KEY-PQ-1QQQQ"));
});
