// The budget of a first visit: 14 KB in three requests. What Chromium really asks for is held by privacy.spec.js against the same list.
import { mkdir, writeFile } from 'node:fs/promises';
import { firstVisit, overweight } from '../checks/weight.js';
import { target } from '../server.js';
import { everyPage, none, tell, test } from '../site.js';

test('a first visit of any page is light', async ({ baseURL }, info) => {
  const rows = [];
  const findings = [];
  for (const path of everyPage) {
    const parts = await firstVisit(new URL(path, baseURL).href);
    const of = (kind) => parts.filter((part) => part.kind === kind).reduce((sum, { bytes }) => sum + bytes, 0);
    const all = parts.reduce((sum, { bytes }) => sum + bytes, 0);
    rows.push({ all, row: `| ${path} | ${of('page')} | ${of('stylesheet')} | ${of('icon')} | ${all} | ${parts.length} |` });
    findings.push(...overweight(parts).map((finding) => `${path}: ${finding}`));
  }
  const heaviestFirst = rows.sort((one, other) => other.all - one.all).map(({ row }) => row);
  await mkdir(`${target}/browser`, { recursive: true });
  await writeFile(`${target}/browser/weight.md`, `Bytes of a first visit, with brotli; headers are not counted.\n\n| page | HTML | CSS | icon | in all | requests |\n|---|--:|--:|--:|--:|--:|\n${heaviestFirst.join('\n')}\n`);
  none(tell(info, 'weight', everyPage, everyPage.length, findings));
});
