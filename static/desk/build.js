// Makes dist/desk.js, the script of the desk page: one file without imports, because the page is one file. The same sources, packages and
// builder give the same bytes, so `--check` can tell whether the committed file is what they make. CONTRIBUTING.md says how it is run.

import { readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const OUT = "dist/desk.js";

/** The oldest browsers that the page is for: Firefox ESR, Safari 16.4, and Chromium of the same years. */
const TARGET = ["es2022", "chrome110", "firefox115", "safari16.4"];

/**
 * The packages that are in a bundle, by name.
 *
 * @param {import("esbuild").Metafile} metafile
 * @returns {string[]}
 */
function packagesOf(metafile) {
  const inside = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path),
  );
  const names = inside.map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  return [...new Set(names)].filter((name) => name !== undefined).sort();
}

/** What stands for the license of a package that brings no file: its package.json names license and author. */
const MIT_WITHOUT_A_FILE = { "qrcode-generator": "Copyright (c) 2009 Kazuhiko Arase" };

/**
 * The notices that the licenses want in every copy, as a comment: each text once, below the packages and copyrights that it is for.
 *
 * @param {string[]} packages
 * @returns {Promise<string>}
 */
async function notices(packages) {
  /** @type {Map<string, string[]>} */
  const heads = new Map();
  let mit = "";
  const add = (/** @type {string} */ name, /** @type {string} */ text) => {
    const lines = text.trim().split("\n").map((line) => line.trimEnd());
    const copyrights = lines.filter((line) => /^Copyright \S/.test(line));
    const body = lines
      .filter((line) => !/^(Copyright \S|(The )?MIT License)/.test(line))
      .join("\n")
      .replaceAll("“", '"')
      .replaceAll("”", '"')
      .trim()
      .replace(/\n{3,}/g, "\n\n");
    const kind = body.replace(/\s+/g, " ");
    const key = [...heads.keys()].find((other) => other.replace(/\s+/g, " ") === kind) ?? body;
    heads.set(key, [...(heads.get(key) ?? []), `${name}: ${copyrights.join(", ")}`]);
    if (body.startsWith("Permission is hereby granted")) mit = key;
  };
  for (const name of packages) {
    if (!(name in MIT_WITHOUT_A_FILE)) add(name, await readFile(`node_modules/${name}/LICENSE`, "utf8"));
  }
  for (const [name, copyright] of Object.entries(MIT_WITHOUT_A_FILE)) {
    if (packages.includes(name)) add(name, `MIT License\n${copyright}\n\n${mit}`);
  }
  const texts = [...heads].map(([body, names]) => `${names.join("\n")}\n\n${body}`);
  return texts.length === 0 ? "" : `/*! This page holds:\n\n${texts.join("\n\n")}\n*/`;
}

/** @returns {Promise<string>} */
async function bundle() {
  const result = await build({
    entryPoints: ["src/main.js"],
    bundle: true,
    minify: true,
    format: "iife",
    target: TARGET,
    charset: "utf8",
    legalComments: "none",
    metafile: true,
    write: false,
  });
  const script = result.outputFiles[0]?.text ?? "";
  const whole = `${script}${await notices(packagesOf(result.metafile))}\n`.replace(/\n\n$/, "\n");
  // It stands inside a page: neither may end the element it is in, or begin a comment of HTML.
  if (/<\/script|<!--/i.test(whole)) throw new Error(`${OUT} holds </script or <!--, which would end it inside a page`);
  return whole;
}

const made = await bundle();
if (process.argv.includes("--check")) {
  const kept = await readFile(OUT, "utf8").catch(() => "");
  if (kept !== made) {
    console.error(`static/desk/${OUT} is not what its sources make. Run: tests/run desk, and commit the file`);
    process.exitCode = 1;
  }
} else {
  await writeFile(OUT, made);
}
