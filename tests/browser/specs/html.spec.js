// The Nu HTML checker (https://validator.github.io/validator/) over every exported file.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { unexcepted } from '../exceptions.js';
import { exportTo, publishable } from '../server.js';
import { expect, none, tell, test } from '../site.js';

const jar = String(createRequire(import.meta.url)('vnu-jar'));

/** Errors, warnings and infos, but for what exceptions.js accepts. */
async function nu(info, folder, ...options) {
  const java = process.env.JAVA || 'java';
  const run = promisify(execFile)(java, ['-Xss4m', '-jar', jar, '--stdout', '--exit-zero-always', '--format', 'json', ...options, folder], { maxBuffer: 2 ** 26 });
  const { messages } = JSON.parse((await run).stdout);
  return unexcepted('html', messages, info, ({ message }) => message)
    .map(({ type, subType, url, lastLine, lastColumn, message, extract }) => {
      const file = relative(folder, new URL(url).pathname);
      return `${file}:${lastLine ?? 1}:${lastColumn ?? 1}: ${subType ?? type}: ${message}${extract ? `\n    ${extract.replace(/\n/g, '⏎')}` : ''}`;
    });
}

let folder;
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clinic-site-html-'));
});
test.afterEach(() => rm(folder, { recursive: true }));

const version = createRequire(import.meta.url)('vnu-jar/package.json').version;
const htmlFiles = async () => (await readdir(join(folder, 'site'), { recursive: true })).filter((file) => file.endsWith('.html'));
const check = async (info, ...options) => {
  const files = await htmlFiles();
  none(tell(info, 'html', files, files.length, await nu(info, join(folder, 'site'), ...options), `Nu Html Checker ${version}`));
};

test('every page of a preview is valid HTML', async ({}, info) => {
  await exportTo(join(folder, 'site'));
  expect(await htmlFiles()).toContain('404.html');
  await check(info, '--skip-non-html');
});

test('every page of a published site is valid HTML', async ({}, info) => {
  const files = await publishable();
  try {
    await exportTo(join(folder, 'site'), '--content', files, '--public-url', 'https://clinic.example');
  } finally {
    await rm(files, { recursive: true });
  }
  expect((await htmlFiles()).length).toBeGreaterThan(10);
  await check(info, '--skip-non-html');
});

test('the style sheet is valid CSS', async ({}, info) => {
  await exportTo(join(folder, 'site'));
  none(await nu(info, join(folder, 'site'), '--skip-non-css'));
});

test('the checker sees a broken page', async ({}, info) => {
  await exportTo(join(folder, 'site'));
  const page = join(folder, 'site/group-therapy/index.html');
  const html = await readFile(page, 'utf8');
  await writeFile(page, html.replace('</h1>', '').replace('<main id="main"', '<main id="site-help"'));
  const findings = (await nu(info, folder, '--skip-non-html')).join('\n');
  expect(findings).toContain('site/group-therapy/index.html');
  expect(findings).toMatch(/duplicate id/i);
});
