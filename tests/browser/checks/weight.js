// What a first visit costs, counted as it comes over the wire: bodies as sent to a browser that takes brotli.
import http from 'node:http';

/** 14 KB: what a server may send before it waits for the visitor's first answer, in the budget of the product. */
export const budget = { bytes: 14_000, requests: 3 };

function get(url) {
  return new Promise((resolve, reject) => {
    http.get(url, { headers: { 'accept-encoding': 'gzip, deflate, br, zstd', accept: '*/*' } }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ bytes: Buffer.concat(chunks).length, encoding: response.headers['content-encoding'] ?? 'none' }));
      response.on('error', reject);
    }).on('error', reject);
  });
}

/** The page and everything it names to be loaded with it: `[{ kind, url, bytes, encoding }]`. */
export async function firstVisit(url) {
  const html = await (await fetch(url)).text();
  const named = [
    ...[...html.matchAll(/<link\b[^>]*>/g)].map(([tag]) => [tag.match(/rel="([^"]+)"/)?.[1], tag.match(/href="([^"]+)"/)?.[1]])
      .filter(([rel]) => /stylesheet|icon|manifest|preload|modulepreload/.test(rel)),
    ...[...html.matchAll(/<(script|img|source|video|audio|iframe|embed)\b[^>]*\bsrc="([^"]+)"/g)].map(([, tag, src]) => [tag, src]),
  ];
  const parts = [['page', url], ...named.map(([kind, address]) => [kind, new URL(address, url).href])];
  return Promise.all(parts.map(async ([kind, address]) => ({ kind, url: address, ...(await get(address)) })));
}

/** What is over the budget, a text each. */
export function overweight(parts) {
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  const findings = [];
  if (bytes > budget.bytes) findings.push(`${bytes} bytes, ${bytes - budget.bytes} too many: ${parts.map((part) => `${part.kind} ${part.bytes}`).join(', ')}`);
  if (parts.length > budget.requests) findings.push(`${parts.length} requests: ${parts.map((part) => part.url).join(' ')}`);
  for (const part of parts) if (part.encoding !== 'br') findings.push(`${part.url} is sent as "${part.encoding}", not with brotli`);
  return findings;
}
