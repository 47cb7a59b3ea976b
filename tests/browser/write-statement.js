// What the last full run showed, as TOML: npm run statement -- [FILE]
import { readFile, writeFile } from 'node:fs/promises';
import { statementFile } from './server.js';
import { toToml } from './statement.js';

let statement;
try {
  statement = JSON.parse(await readFile(statementFile, 'utf8'));
} catch {
  console.error('there are no results of a full run: run `npm test` first');
  process.exit(2);
}
const toml = toToml(statement);
if (process.argv[2]) await writeFile(process.argv[2], toml);
else process.stdout.write(toml);
