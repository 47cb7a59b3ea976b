// The programs that a driver starts, ended with it, however it ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const running = new Set();
const folders = new Set();

process.on('exit', () => {
  for (const child of running) signal(child, 'SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => process.exit(2));

/** To the program and to those that it has started. */
function signal(child, name) {
  try {
    process.kill(-child.pid, name);
  } catch {
    // It has ended.
  }
}

/** Starts a program as a group of its own: the child, and a function that ends the group. */
export function start(command, args, options) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'], detached: true, ...options });
  child.once('error', (error) => console.error(`${command} did not start: ${error.message}`));
  running.add(child);
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      signal(child, 'SIGTERM');
      const timer = setTimeout(() => signal(child, 'SIGKILL'), 5_000);
      await ended;
      clearTimeout(timer);
    }
    running.delete(child);
  };
  return { child, stop };
}

/** A new folder, and a function that removes it. */
export async function folder(name) {
  const path = await mkdtemp(join(tmpdir(), `clinic-${name}-`));
  folders.add(path);
  const remove = async () => {
    // A browser that ends may still write.
    await rm(path, { recursive: true, force: true, maxRetries: 5 });
    folders.delete(path);
  };
  return { path, remove };
}
