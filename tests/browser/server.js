// Starts the real binary, as an admin would, and stops it.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** Where cargo builds. */
export const target = process.env.CARGO_TARGET_DIR || `${repository}target`;
export const binary = process.env.CLINIC_SITE_BIN || `${target}/debug/clinic-site`;
export const content = `${repository}content`;

// Settings of whoever runs the tests must not change what is tested.
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CLINIC_')));

/** Serves on a free port: the content built into the binary, or what `options` say. */
export async function serve(...options) {
  const child = spawn(binary, ['serve', '--listen', '127.0.0.1:0', ...options], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk) => (log += chunk));
  const url = await new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`${binary} serve ${why}\n${log}`));
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
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    child.kill('SIGTERM');
    await ended;
    clearTimeout(timer);
  };
  return { url, stop };
}

/** Writes the site as files; throws with what the program said when it refuses. */
export async function exportTo(folder, ...options) {
  try {
    await promisify(execFile)(binary, ['export', '--out', folder, ...options], { env: environment });
  } catch (error) {
    throw new Error(`clinic-site export failed: ${error.stderr || error.message}`);
  }
}
