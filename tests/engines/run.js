#!/usr/bin/env node
// Every scenario in every engine, with a table at the end: run.js [--only WORDS] [--pictures FOLDER] [ENGINE…]
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { serve } from '../browser/server.js';
import { chromium, firefox } from './engines/puppeteer.js';
import { webkit } from './engines/webkit.js';
import { scenarios as desk } from './scenarios/desk.js';
import { scenarios as form } from './scenarios/form.js';
import { laptop, phone, scenarios as pages } from './scenarios/site.js';

const all = [chromium, firefox, webkit];
const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: 'string', default: '' }, pictures: { type: 'string' } } });
const engines = positionals.length === 0 ? all : all.filter(({ name }) => positionals.includes(name.toLowerCase()));
if (engines.length < positionals.length) {
  console.error(`the engines are ${all.map(({ name }) => name.toLowerCase()).join(', ')}`);
  process.exit(2);
}
const scenarios = [...pages, ...form, ...desk].filter(({ name }) => name.includes(values.only));

/** A scenario that waits for ever is one that failed. */
const limit = 120_000;
const late = () => new Promise((_, reject) => setTimeout(() => reject(new Error(`not done within ${limit / 1000} seconds`)), limit).unref());

/** What a scenario finds in an engine: findings, or why it was not driven. */
async function run(engine, { needs, look, run }, site) {
  if (engine.cannot[needs]) return { left: engine.cannot[needs] };
  let tab;
  try {
    tab = await engine.open(look);
    return { findings: [...new Set(await Promise.race([run(tab, site), late()]))] };
  } catch (error) {
    return { findings: [error.message] };
  } finally {
    await tab?.close();
  }
}

/** Pictures of the pages that matter most, for people to look at. */
async function pictures(engine, site) {
  for (const dark of [false, true]) {
    const tab = await engine.open({ ...phone, dark });
    for (const { width, height } of [phone, laptop]) {
      await tab.size(width, height);
      for (const path of ['/', '/group-therapy/', '/get-help-now/', '/appointments/', '/es/vida-en-tratamiento/']) {
        await tab.go(new URL(path, site.url));
        for (const part of [0, 1, 2]) {
          await tab.evaluate((part) => scrollTo({ top: (part * innerHeight * 9) / 10, behavior: 'instant' }), part);
          const name = [path.replaceAll('/', '') || 'home', width, dark ? 'dark' : 'light', part + 1, engine.name.toLowerCase()].join('-');
          await writeFile(join(values.pictures, `${name}.png`), await tab.picture());
        }
      }
    }
    await tab.close();
  }
}

const site = await serve();
let failed = 0;
let passed = 0;
try {
  if (values.pictures) {
    await mkdir(values.pictures, { recursive: true });
    for (const engine of engines) await pictures(engine, site);
  } else {
    const table = scenarios.map(({ name }) => [name]);
    for (const engine of engines) {
      const version = engine.version();
      console.log(`\n--- ${engine.name} ${version}`);
      for (const [at, scenario] of scenarios.entries()) {
        const start = Date.now();
        const { findings, left } = await run(engine, scenario, site);
        const took = `${((Date.now() - start) / 1000).toFixed(1)} s`;
        if (left) console.log(`left out  ${scenario.name}: ${left}`);
        else if (findings.length === 0) console.log(`passed    ${scenario.name} (${took})`);
        else console.log(`FAILED    ${scenario.name} (${took})\n${findings.slice(0, 30).map((finding) => `          ${finding}`).join('\n')}`);
        if (!left) findings.length === 0 ? (passed += 1) : (failed += 1);
        table[at].push(left ? 'left out' : findings.length === 0 ? 'passed' : 'FAILED');
      }
    }
    const rows = [['', ...engines.map((engine) => `${engine.name} ${engine.version()}`)], ...table];
    const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
    console.log(`\n${rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd()).join('\n')}`);
    console.log(`\n${passed} passed, ${failed} failed`);
  }
} finally {
  await site.stop();
}
process.exit(failed > 0 ? 1 : 0);
