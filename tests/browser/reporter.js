// Writes target/browser/statement.json from what the tests noted (site.js, `tell`). After a full run, but for a matrix, it also fails when the shipped
// content/tests.toml says something else, or when an exception is not needed any more.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { chromium } from './chromium.js';
import { exceptions } from './exceptions.js';
import { claims, statementFile, words } from './server.js';
import { matrix } from './checks/looks.js';
import { checks, fromToml, gather, unneeded, unshown } from './statement.js';

export default class Reporter {
  notes = [];
  used = [];
  ran = 0;

  onBegin(config, suite) {
    this.all = suite.allTests().length;
    // What is asked for beside numbers of workers and the like leaves tests out; the matrix looks more often than the content says.
    this.full = !matrix && process.argv.slice(3).every((argument) => /^--(workers|max-failures|timeout)=/.test(argument));
  }

  onTestEnd(test, result) {
    this.ran += 1;
    const of = (type) => result.annotations.filter((annotation) => annotation.type === type).map(({ description }) => description);
    const notes = of('check').map((description) => JSON.parse(description));
    // Whatever else made a test fail is a finding of each check in it.
    if (result.status !== 'passed' && notes.every(({ findings }) => findings === 0)) for (const note of notes) note.findings += 1;
    this.notes.push(...notes);
    this.used.push(...of('exception'));
  }

  onEnd() {
    if (!this.full || this.ran === 0 || this.ran < this.all) return undefined;
    const browser = execFileSync(chromium.executablePath, ['--version', '--no-sandbox'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).match(/Chromium \d+/)?.[0] ?? 'Chromium';
    // The day where the clinic is.
    const date = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Los_Angeles' }).format(new Date());
    const statement = gather(this.notes, { date, browser, words: words(), exceptions: this.used });
    mkdirSync(dirname(statementFile), { recursive: true });
    writeFileSync(statementFile, `${JSON.stringify(statement, null, 2)}\n`);
    const wrong = Object.keys(checks).filter((id) => !statement.checks.some((check) => check.id === id)).map((id) => `no test ran for "${id}" (statement.js)`);
    wrong.push(...unneeded(exceptions, this.used).map((id) => `the exception "${id}" is not needed any more: delete it from exceptions.js`));
    if (existsSync(claims)) {
      const differs = unshown(fromToml(readFileSync(claims, 'utf8')), statement);
      if (differs.length > 0) wrong.push(...differs, 'content/tests.toml says what this run did not show: run `npm run statement -- ../../content/tests.toml`');
    }
    if (wrong.length === 0) return undefined;
    console.error(`\nThe statement of this run:\n  ${wrong.join('\n  ')}`);
    return { status: 'failed' };
  }
}
