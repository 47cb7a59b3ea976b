// Prints what failed in a run, a few lines each: `node failed.js results.json`, as `tests/run` does at its end.
import { readFileSync } from 'node:fs';

const LINES = 12;
const { suites, errors } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const colors = /\u001b\[[\d;]*m/g;
const short = (text) => (text ?? '').replace(colors, '').split('\n').slice(0, LINES).map((line) => `  ${line}`).join('\n');

function* specs({ suites = [], specs: own = [] }) {
  yield* own;
  for (const suite of suites) yield* specs(suite);
}

for (const { file, line, title, ok, tests } of specs({ suites })) {
  if (ok) continue;
  const causes = tests.flatMap(({ results }) => results.flatMap((result) => result.errors.map((error) => short(error.message ?? error.value))));
  console.log(`${file}:${line} ${title}\n${causes.join('\n')}`);
}
for (const error of errors) console.log(short(error.message ?? error.value));
