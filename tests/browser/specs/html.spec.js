// The Nu HTML checker (https://validator.github.io/validator/) over every exported file.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { unexcepted } from '../exceptions.js';
import { exportTo, publishable } from '../server.js';
import { expect, none, tell, test } from '../site.js';

const jar = String(createRequire(import.meta.url)('vnu-jar'));

// It runs for some seconds: to compile it well takes longer.
const quickly = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/** Errors, warnings and infos, but for what exceptions.js accepts: of the pages in a folder and, where `options` say so, of its style sheets. */
async function nu(info, folder, ...options) {
  const java = process.env.JAVA || 'java';
  const run = promisify(execFile)(java, [...quickly, '-Xss4m', '-jar', jar, '--stdout', '--exit-zero-always', '--format', 'json', '--skip-non-html', ...options, folder], { maxBuffer: 2 ** 26 });
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

test('every page of a preview is valid HTML, with a valid style sheet', async ({}, info) => {
  await exportTo(join(folder, 'site'));
  expect(await htmlFiles()).toContain('404.html');
  await check(info, '--also-check-css');
});

test('every page of a published site is valid HTML', async ({}, info) => {
  const files = await publishable();
  try {
    await exportTo(join(folder, 'site'), '--content', files, '--public-url', 'https://clinic.example');
  } finally {
    await rm(files, { recursive: true });
  }
  expect((await htmlFiles()).length).toBeGreaterThan(10);
  await check(info);
});

test('the checker sees a broken page and a broken style sheet', async ({}, info) => {
  await exportTo(join(folder, 'site'));
  const html = await readFile(join(folder, 'site/group-therapy/index.html'), 'utf8');
  const broken = join(folder, 'broken');
  await mkdir(broken);
  await writeFile(join(broken, 'index.html'), html.replace('</h1>', '').replace('<main id="main"', '<main id="site-help"'));
  await writeFile(join(broken, 'site.css'), 'p { colour: red; }');
  const findings = (await nu(info, broken, '--also-check-css')).join('\n');
  expect(findings).toMatch(/^index\.html:.*duplicate id/im);
  expect(findings).toMatch(/^site\.css:.*colour/m);
});
