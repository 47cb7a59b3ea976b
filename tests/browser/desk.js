// The front desk with requests of a test's own. They are sealed by Debian's `age` and put where the program keeps them, so that a test can have
// what no visitor could ask for: one that came in days ago, one for other keys, a damaged one.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { binary, environment, firstLine } from './server.js';

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

const insert = `
import json, sqlite3, sys
rows = json.load(sys.stdin)
with sqlite3.connect(sys.argv[1]) as base:
    base.executemany("INSERT INTO requests (reference, received_hour, language, closed_day, keys, sealed) VALUES (:reference, :hour, :page, :closed, :keys, :sealed)", rows)
`;

/** A folder with a key and these requests, and the desk that opens them: `{ url, stop, away }`. */
export async function desk(requests = []) {
  const folder = await mkdtemp(join(tmpdir(), 'clinic-site-desk-'));
  const identity = join(folder, 'staff-key.txt');
  const database = join(folder, 'requests.db');
  const mine = await program('keys', 'new', '--out', identity);
  const other = await program('keys', 'new', '--out', join(folder, 'other-key.txt'));
  await writeFile(database, '');
  // The program makes its tables when it first looks.
  await program('requests', 'list', '--data-dir', folder);

  const add = async (all) => {
    const rows = [];
    for (const { reference, minutes = 5, to = 'mine', closed = null, damaged = false, ...answers } of all) {
      const received = new Date(Date.now() - minutes * 60_000);
      const key = to === 'mine' ? mine : other;
      const request = {
        version: 1, reference, received: `${received.toISOString().slice(0, 16)}:00Z`, page: 'en', name: 'Ana', phone: '916-555-0100', message: 'no', times: [],
        language: null, other_language: '', whom: null, note: '', keys: [key], closing: null, ...answers,
      };
      const sealed = await pipe(JSON.stringify(request), 'age', '--armor', '--recipient', key);
      const hour = Math.floor(received / 3_600_000) * 3600;
      rows.push({ reference, hour, page: request.page, closed, keys: to, sealed: damaged ? sealed.replace(/.{9}\n-----END/, 'AAAAAAAAA\n-----END') : sealed });
    }
    await pipe(JSON.stringify(rows), 'python3', '-c', insert, database);
  };
  await add(requests);

  const child = spawn(binary, ['desk', '--identity', identity, '--data-dir', folder], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const url = await firstLine(child, 'desk');
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await rm(folder, { recursive: true });
  };
  // Without its table the database answers nothing that is asked of it.
  const away = () => pipe('', 'python3', '-c', 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute("ALTER TABLE requests RENAME TO aside")', database);
  return { url, stop, away };
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
