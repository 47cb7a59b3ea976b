// Starts the real binary, as an admin would, and stops it.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** Where cargo builds. */
export const target = process.env.CARGO_TARGET_DIR || `${repository}target`;
export const binary = process.env.CLINIC_SITE_BIN || `${target}/debug/clinic-site`;
export const content = `${repository}content`;

/** What a full run showed, and what the site says of it. */
export const statementFile = `${target}/browser/statement.json`;
export const claims = `${content}/tests.toml`;

// Settings of whoever runs the tests must not change what is tested.
export const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CLINIC_')));

/** A public key whose private half nobody kept: a published site takes requests, and no test of it reads them. */
const staffKey = 'age13ruk68fcvkvp8v7w5wdm9ms2u0ttu0hk9hlltdt3hsxjhfm69erqkwvxaq';

/** Serves on a free port, unless `options` name one: the content built into the binary, or what `options` say. */
export async function serve(...options) {
  const listen = options.includes('--listen') ? [] : ['--listen', '127.0.0.1:0'];
  const keys = options.includes('--public-url') && !options.includes('--staff-key') ? ['--staff-key', staffKey] : [];
  const data = await mkdtemp(join(tmpdir(), 'clinic-site-data-'));
  const child = spawn(binary, ['serve', ...listen, ...keys, ...options], {
    env: { ...environment, CLINIC_DATA_DIR: data, CLINIC_NETWORK_LIMIT: '1000' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const url = await firstLine(child, 'serve');
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      child.kill('SIGTERM');
      await ended;
      clearTimeout(timer);
    }
    await rm(data, { recursive: true, force: true });
  };
  return { url, data, stop };
}

/** The address that a command prints when it serves. */
export function firstLine(child, command) {
  let log = '';
  child.stderr.on('data', (chunk) => (log += chunk));
  return new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`${binary} ${command} ${why}\n${log}`));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail('printed no address within 15 seconds');
    }, 15_000);
    child.once('error', (error) => fail(`did not start: ${error.message}; \`cargo build\` makes it`));
    child.once('exit', (code) => fail(`ended with code ${code}`));
    createInterface({ input: child.stdout }).once('line', (line) => {
      clearTimeout(timer);
      resolve(line.trim());
    });
  });
}

/** Writes the site as files; throws with what the program said when it refuses. */
export async function exportTo(folder, ...options) {
  try {
    await promisify(execFile)(binary, ['export', '--out', folder, ...options], { env: environment });
  } catch (error) {
    throw new Error(`clinic-site export failed: ${error.stderr || error.message}`);
  }
}

/** The fingerprint of the words of the pages that the tests look at: those built into the binary, wherever the tests run. */
export function words() {
  const report = execFileSync(binary, ['report', '--format', 'json'], { cwd: tmpdir(), env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return JSON.parse(report).words;
}

/** A day some weeks ahead, as TOML writes it. */
const soon = () => new Date(Date.now() + 60 * 24 * 3600 * 1000).toISOString().slice(0, 10);

/**
 * A new folder with a copy of the content that may be published: the tables of samples go, as the file itself tells staff to do, and somebody
 * accepts for a while that the clinic's own texts are still to come.
 */
export async function publishable() {
  const folder = await mkdtemp(join(tmpdir(), 'clinic-site-content-'));
  await cp(content, folder, { recursive: true });
  const facts = join(folder, 'clinic.toml');
  const tables = (await readFile(facts, 'utf8')).split(/^(?=\[)/m);
  const lacking = ['privacy-practices', 'records', 'nondiscrimination', 'language-help', 'translations'];
  const accepted = lacking.map((what) => `\n[accepted.${what}]\naccepted_by = "a test"\nuntil = ${soon()}\n`);
  const known = tables.filter((table) => !/^sample *= *true/m.test(table) && !table.startsWith('[accepted.'));
  await writeFile(facts, [...known, '\n', ...accepted].join(''));
  return folder;
}

/** The paths that the site itself names, in every language. */
export async function sitemap(url) {
  const text = await (await fetch(new URL('/sitemap.xml', url))).text();
  const paths = [...text.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, address]) => new URL(address).pathname);
  if (!paths.includes('/')) throw new Error(`the sitemap does not name the home page:\n${text}`);
  return paths;
}
