// What several tests need.
import "./crypto.js";
import { fileURLToPath } from "node:url";
import { newKey } from "../src/core/age.js";
import { Desk } from "../src/core/desk.js";
import { fakeServer } from "./fake-server.js";

/** The repository: these files run as a copy beside their packages. */
export const repository = process.env.CLINIC_REPOSITORY ?? fileURLToPath(new URL("../../..", import.meta.url));

/** A server with the keys of a desk and of a safe, and the desk's key file; all ends with the test. */
export async function setting(t, { keys = 2 } = {}) {
  const pairs = await Promise.all([...Array(keys)].map(newKey));
  const server = await fakeServer(pairs.map(({ recipient }) => recipient));
  t.after(() => server.stop());
  const file = { keys: [pairs[0]], readers: pairs.slice(1).map(({ recipient }) => recipient) };
  return { server, file, pairs };
}

/** A desk of that server, in a hurry; it is forgotten when the test ends. */
export function deskOf(t, { server }, time = {}) {
  const desk = new Desk(server.config, undefined, { setTimeout: (then, milliseconds) => setTimeout(then, milliseconds / 20), ...time });
  t.after(() => desk.forget());
  return desk;
}

/** Waits until something is true of the desk. */
export async function until(desk, is, seconds = 10) {
  const end = Date.now() + seconds * 1000;
  while (!is(desk.state)) {
    if (Date.now() > end) throw new Error(`it never came: ${is}; ${JSON.stringify({ ...desk.state, waiting: desk.state.waiting.length, closed: desk.state.closed.length })}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The entry of a reference. */
export function entry(desk, reference) {
  return [...desk.state.waiting, ...desk.state.closed].find(({ row }) => row.reference === reference);
}
