// The front desk with requests of a test's own. They are sealed by Debian's `age` and put where the program keeps them, so that a test can have
// what no visitor could ask for: one that came in days ago, one for other keys, a damaged one. The desk page is a file, as staff open it.
import { spawn, execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { binary, environment, serve } from './server.js';

const run = promisify(execFile);
const program = async (...options) => (await run(binary, options, { env: environment })).stdout.trim();

/** Runs a program with something on its stdin, and gives what it prints. */
async function pipe(input, command, ...options) {
  const child = spawn(command, options, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.once('error', (error) => {
    throw new Error(`${command}: ${error.message}; on Debian, the package ${command} has it`);
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command} ended with code ${code}`);
  return output;
}

/** A text sealed to public keys, as the program stores it. */
export const seal = (text, ...recipients) => pipe(text, 'age', '--armor', ...recipients.flatMap((recipient) => ['--recipient', recipient]));

/** Two keys of a test: `{ folder, mine: { file, recipient }, other: { file, recipient }, remove }`. */
export async function keys() {
  const folder = await mkdtemp(join(tmpdir(), 'clinic-site-desk-'));
  const make = async (name) => {
    const file = join(folder, name);
    return { file, recipient: await program('keys', 'new', '--out', file) };
  };
  return { folder, mine: await make('staff-key.txt'), other: await make('other-key.txt'), remove: () => rm(folder, { recursive: true, force: true }) };
}

const hour = (time) => Math.floor(time / 3_600_000) * 3600;

/** Rows of requests, as the interface gives them, sealed to one of the keys, or to those that they name. */
export function sealed(requests, { mine, other }) {
  return Promise.all(requests.map(async ({ reference, minutes = 5, to = 'mine', closed = null, damaged = false, row = {}, ...answers }) => {
    const received = new Date(Date.now() - minutes * 60_000);
    const { recipient } = to === 'mine' ? mine : other;
    const request = {
      version: 1, reference, received: `${received.toISOString().slice(0, 16)}:00Z`, page: 'en', name: 'Ana', phone: '916-555-0100', message: 'no', times: [],
      language: null, other_language: '', whom: null, note: '', keys: [recipient], closing: null, ...answers,
    };
    const text = await seal(JSON.stringify(request).padEnd(6144), ...request.keys);
    const whole = damaged ? text.replace(/.{9}\n-----END/, 'AAAAAAAAA\n-----END') : text;
    return { reference, received_hour: hour(received), language: request.page, closed_day: closed, keys: to === 'mine' ? '3f2a91bc' : '77aa01d2', sealed: whole, history: [], ...row };
  }));
}

const insert = `
import json, sqlite3, sys
rows = json.load(sys.stdin)
with sqlite3.connect(sys.argv[1]) as base:
    base.executemany("INSERT INTO requests (reference, received_hour, language, closed_day, keys, sealed) VALUES (:reference, :received_hour, :language, :closed_day, :keys, :sealed)", rows)
`;

/** The desk page for a server, as a file: its address. */
export async function deskPage(folder, server, ...options) {
  const file = join(folder, 'desk.html');
  await program('desk', 'page', '--server', server, '--out', file, ...options);
  return pathToFileURL(file).href;
}

/** The site with these requests, and the desk page for it: `{ url, page, mine, other, data, add, stop, away }`. */
export async function desk(requests = [], ...options) {
  const made = await keys();
  const site = await serve('--staff-key', made.mine.recipient, ...options);
  const database = join(site.data, 'requests.db');
  const add = async (all) => pipe(JSON.stringify(await sealed(all, made)), 'python3', '-c', insert, database);
  if (requests.length > 0) await add(requests);
  const stop = async () => {
    await site.stop();
    await made.remove();
  };
  // Without its table the database answers nothing that is asked of it.
  const away = () => pipe('', 'python3', '-c', 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute("ALTER TABLE requests RENAME TO aside")', database);
  const server = new URL(site.url).origin;
  return { ...made, url: site.url, server, data: site.data, page: await deskPage(made.folder, server), add, stop, away };
}

/** Chooses a key file on the first screen, and waits until the desk is open. */
export async function unlock(page, file) {
  await page.locator('#key-file').setInputFiles(file);
  await page.locator('nav').first().waitFor();
}

/** A morning at the front desk: what comes up in lists, of all kinds. */
export const morning = [
  { reference: 'K7QM-4XT2', minutes: 640, name: 'Jordan', message: 'discreet', times: ['morning', 'evening'], language: 'english', whom: 'me', note: 'I work until two. Please call my cell, not the house.\n\nI would like to start soon.' },
  { reference: 'M2WR-8KPD', minutes: 95, name: 'Rosa Elena Villanueva de la Torre', phone: '916-555-0134', page: 'es', message: 'no', times: ['night'], language: 'spanish', whom: 'someone_else', note: 'Es para mi hijo.' },
  { reference: 'Q4TV-1ABC', minutes: 62, name: 'Pa Houa', phone: '+66212345678', message: 'named', times: [], language: 'other', other_language: 'Hmong', whom: 'me' },
  { reference: 'ZZ99-7HJK', minutes: 7, name: 'J.', message: 'discreet' },
];

/** What can't be opened. */
export const strange = [
  { reference: 'B8YN-55FG', minutes: 3000, to: 'other' },
  { reference: 'D3MG-0W0W', minutes: 200, damaged: true },
];
