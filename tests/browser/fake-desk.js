// A server of the desk's interface that answers whatever a test wants: docs/desk-interface.md says what a good one answers. Its requests are sealed
// by Debian's `age`.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { seal } from './desk.js';

const cors = { 'access-control-allow-origin': 'null', vary: 'Origin', 'access-control-allow-private-network': 'true', 'access-control-expose-headers': 'retry-after' };
const hash = (text) => createHash('sha256').update(text).digest('hex');

/**
 * Starts it: `{ url, state, stop }`. `state.rows` are the rows, the newest first; `state.answers` takes the place of an answer by its name, as a
 * function of what is asked that gives an answer, or `{ status, headers, body }`, or nothing for no answer at all; `state.calls` is what was asked.
 */
export async function fakeDesk(rows, recipient) {
  const state = { rows: [...rows], answers: {}, calls: [], readers: [recipient], revision: 1, now: () => new Date() };
  const token = 'a'.repeat(64);
  const session = 'b'.repeat(64);
  let url;
  const counts = () => ({ revision: `${state.revision}`, waiting: state.rows.filter((row) => row.closed_day === null).length, closed: state.rows.filter((row) => row.closed_day !== null).length });
  const at = (place) => (place === null ? 0 : listed(place.closed_day === null ? 'waiting' : 'closed').findIndex((row) => row.reference === place.reference) + 1);
  const listed = (of) => state.rows.filter((row) => (row.closed_day === null) === (of === 'waiting'));
  const now = () => `${state.now().toISOString().slice(0, 19)}Z`;
  const good = {
    challenge: async () => ({ challenges: [await seal(`clinic-site desk 1\n${url}\nsign in\n2099-01-01T00:00:00Z\n${token}\n`, recipient)] }),
    session: (body) => (body.token === token ? { session, key: hash(recipient).slice(0, 32) } : { status: 401, body: { error: 'signed_out' } }),
    end: () => ({}),
    list: ({ state: of, after, limit }) => {
      const all = listed(of);
      const page = all.slice(at(after), at(after) + limit);
      const last = page.at(-1);
      const next = last && last !== all.at(-1) ? { reference: last.reference, received_hour: last.received_hour, closed_day: last.closed_day } : null;
      return { now: now(), ...counts(), keep_days: 30, readers: state.readers, rows: page, next };
    },
    get: ({ reference }) => {
      const row = state.rows.find((one) => one.reference === reference);
      return row ? { now: now(), row } : { status: 404, body: { error: 'not_here' } };
    },
    change: ({ changes }) => {
      const results = changes.map(({ reference, state: to, sealed, was }) => {
        const row = state.rows.find((one) => one.reference === reference);
        if (!row) return { reference, result: 'gone', row: null };
        if (hash(row.sealed) !== was) return { reference, result: 'changed', row };
        Object.assign(row, { sealed, closed_day: to === 'closed' ? Math.floor(state.now() / 86_400_000) : null });
        row.history = [...row.history, { state: to, key: hash(recipient).slice(0, 32), hour: Math.floor(state.now() / 3_600_000) * 3600 }];
        return { reference, result: 'done', row };
      });
      state.revision += 1;
      return { now: now(), revision: `${state.revision}`, results };
    },
    wait: async ({ revision }) => {
      for (let waited = 0; waited < 100 && revision === `${state.revision}` && server.listening; waited += 1) await new Promise((resolve) => setTimeout(resolve, 50));
      return counts();
    },
  };
  const server = createServer(async (request, response) => {
    response.on('error', () => {});
    if (request.method === 'OPTIONS') return response.writeHead(204, { ...cors, 'access-control-allow-methods': 'POST', 'access-control-allow-headers': 'authorization, content-type' }).end();
    const name = request.url.replace(/^\/desk\/api\//, '');
    let text = '';
    for await (const chunk of request) text += chunk;
    state.calls.push({ name, text, headers: request.headers });
    const answer = await (state.answers[name] ?? good[name] ?? (() => ({ status: 404, body: { error: 'not_here' } })))(JSON.parse(text || '{}'), good[name]);
    if (answer === undefined) return request.socket.destroy();
    const { status = 200, headers = {}, body = answer } = answer;
    return response.writeHead(status, { ...cors, 'content-type': 'application/json', 'cache-control': 'no-store', ...headers }).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${server.address().port}`;
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { url, state, stop };
}
