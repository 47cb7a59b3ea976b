// The Nu HTML checker (https://validator.github.io/validator/) over every exported file.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { content, exportTo } from '../server.js';
import { expect, none, test } from '../site.js';

const jar = String(createRequire(import.meta.url)('vnu-jar'));

// Errors, warnings and infos all fail, but for these; a reason each.
const accepted = [
  // CSS View Transitions 2 (https://www.w3.org/TR/css-view-transitions-2/), newer than the checker's grammar; other browsers skip it.
  { text: /^CSS: Unrecognized at-rule “@view-transition”$/ },
];

async function nu(folder, ...options) {
  const java = process.env.JAVA || 'java';
  const run = promisify(execFile)(java, ['-Xss4m', '-jar', jar, '--stdout', '--exit-zero-always', '--format', 'json', ...options, folder], { maxBuffer: 2 ** 26 });
  const { messages } = JSON.parse((await run).stdout);
  const findings = messages
    .filter(({ message }) => !accepted.some(({ text }) => text.test(message)))
    .map(({ type, subType, url, lastLine, lastColumn, message, extract }) => {
      const file = relative(folder, new URL(url).pathname);
      return `${file}:${lastLine ?? 1}:${lastColumn ?? 1}: ${subType ?? type}: ${message}${extract ? `\n    ${extract.replace(/\n/g, '⏎')}` : ''}`;
    });
  return findings;
}

let folder;
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clinic-site-html-'));
});
test.afterEach(() => rm(folder, { recursive: true }));

const htmlFiles = async () => (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.html'));

test('every page of a preview is valid HTML', async () => {
  await exportTo(join(folder, 'site'));
  expect(await htmlFiles()).toContain('site/404.html');
  none(await nu(folder, '--skip-non-html'));
});

test('every page of a published site is valid HTML', async () => {
  const files = join(folder, 'content');
  await cp(content, files, { recursive: true });
  // A published site has no samples: whole tables go, as the file itself tells staff to do.
  const facts = join(files, 'clinic.toml');
  const tables = (await readFile(facts, 'utf8')).split(/^(?=\[)/m);
  await writeFile(facts, tables.filter((table) => !/^sample *= *true/m.test(table)).join(''));
  await exportTo(join(folder, 'site'), '--content', files, '--public-url', 'https://clinic.example');
  expect((await htmlFiles()).length).toBeGreaterThan(10);
  none(await nu(join(folder, 'site'), '--skip-non-html'));
});

test('the style sheet is valid CSS', async () => {
  await exportTo(join(folder, 'site'));
  none(await nu(join(folder, 'site'), '--skip-non-css'));
});

test('the checker sees a broken page', async () => {
  await exportTo(join(folder, 'site'));
  const page = join(folder, 'site/group-therapy/index.html');
  const html = await readFile(page, 'utf8');
  await writeFile(page, html.replace('</h1>', '').replace('<main id="main"', '<main id="site-help"'));
  const findings = (await nu(folder, '--skip-non-html')).join('\n');
  expect(findings).toContain('site/group-therapy/index.html');
  expect(findings).toMatch(/duplicate id/i);
});
