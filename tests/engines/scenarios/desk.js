// The desk page as staff open it: a file on disk, a key file, and the program itself as its server.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { clipped, sideways, smallTargets } from '../../browser/checks/layout.js';
import { desk, deskPage, morning } from '../../browser/desk.js';
import { serve } from '../../browser/server.js';
import * as check from '../checks.js';
import { folder } from '../engines/children.js';
import { freePort } from '../engines/port.js';
import { until } from '../engines/tab.js';
import { laptop, phone } from './site.js';

const run = promisify(execFile);
const names = (tab) => tab.evaluate(() => [...document.querySelectorAll('.name-link')].map((link) => link.textContent));
const listed = (tab, wanted) => until(`a list of ${wanted.join(', ')}`, async () => (await names(tab)).join() === wanted.join());
const heading = (tab, wanted) => until(`the heading “${wanted}”`, async () => (await tab.words('h1')) === wanted);
const done = (tab, words) => until(`“${words}”`, async () => (await tab.words('.done')).includes(words));

/** Presses the button on which this stands. A list that is drawn anew has new buttons: then it is looked for again. */
const press = (tab, words) => until(`a button “${words}” that can be pressed`, async () => {
  const found = await tab.evaluate((words) => {
    const found = [...document.querySelectorAll('button')].find((one) => one.textContent === words && one.checkVisibility());
    document.querySelector('[data-engine]')?.removeAttribute('data-engine');
    found?.setAttribute('data-engine', 'press');
    return found !== undefined;
  }, words);
  if (found) await tab.click('[data-engine=press]');
  return found;
});

/** Nothing of the screen is cut, or to be scrolled sideways to; what is pressed looks like it, and a thumb hits it. */
const fits = async (tab) => [
  ...(await check.lined(tab)),
  ...(await sideways(tab)),
  // What is longer than a text area is scrolled within it.
  ...(await clipped(tab)).filter((finding) => !/^<(textarea|p class="visually-hidden)/.test(finding)),
  ...(await smallTargets(tab)),
];

/** As a phone and as a laptop have it. */
async function bothWidths(tab, screen) {
  const findings = [];
  for (const { width, height } of [laptop, phone]) {
    await tab.size(width, height);
    findings.push(...(await fits(tab)).map((finding) => `${screen} at ${width} px: ${finding}`));
  }
  return findings;
}

/** What a browser would keep beyond the page. */
const kept = (tab) => tab.evaluate(async () => [document.cookie, localStorage.length, sessionStorage.length, (await indexedDB.databases()).length, (await caches.keys()).length].join());

const everybody = ['Jordan', 'Rosa Elena Villanueva de la Torre', 'Pa Houa', 'J.'];

/** Opens the desk with a key file, and gives what is wrong on the way to what `work` finds. */
const atDesk = (look, work) => ({
  look: { ...laptop, lessMotion: true, ...look },
  async run(tab) {
    const front = await desk(morning);
    try {
      await tab.go(front.page);
      await tab.there('#key-file');
      const findings = await bothWidths(tab, 'first screen');
      await tab.choose('#key-file', front.mine.file);
      await listed(tab, everybody);
      return [...findings, ...(await work(tab, front))];
    } finally {
      await front.stop();
    }
  },
});

export const scenarios = [
  {
    name: 'desk: key, list, close, open again',
    ...atDesk({}, async (tab, front) => {
      const findings = await bothWidths(tab, 'list');
      await press(tab, 'Jordan');
      await heading(tab, 'Jordan');
      const call = await tab.evaluate(() => document.querySelector('a.tel').getAttribute('href'));
      if (call !== 'tel:+19165550100') findings.push(`the number leads to ${call}`);
      findings.push(...(await bothWidths(tab, 'request')));

      await press(tab, 'Close the request');
      await tab.there('.mistakes');
      await until('the focus on what is missing', () => tab.evaluate(() => document.activeElement.matches('.mistakes')));
      await tab.click('#outcome-booked');
      await tab.type('#note', 'Quartzite at nine');
      await press(tab, 'Close the request');
      await done(tab, 'K7QM-4XT2 is closed.');
      await listed(tab, everybody.slice(1));

      // What this engine sealed is an ordinary file of age.
      const query = 'import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute("SELECT sealed FROM requests WHERE reference = ?", ["K7QM-4XT2"]).fetchone()[0])';
      const { stdout: sealed } = await run('python3', ['-c', query, join(front.data, 'requests.db')]);
      const opening = run('age', ['--decrypt', '--identity', front.mine.file]);
      opening.child.stdin.end(sealed);
      const { name, closing } = JSON.parse((await opening).stdout);
      if (name !== 'Jordan' || closing.note !== 'Quartzite at nine') findings.push(`age opens ${name} with ${JSON.stringify(closing)}`);

      await press(tab, 'Closed (1)');
      await listed(tab, ['Jordan']);
      await press(tab, 'Jordan');
      await until('the note', async () => (await tab.words('main')).includes('Quartzite at nine'));
      await press(tab, 'Open it again');
      await done(tab, 'waits again.');

      await press(tab, 'Lock now');
      await tab.there('#key-file');
      const left = await tab.evaluate(() => document.body.innerText + document.title);
      for (const word of ['Jordan', '555-0100', 'Quartzite', 'Villanueva']) if (left.includes(word)) findings.push(`“${word}” is on the locked desk`);
      if ((await kept(tab)) !== ',0,0,0,0') findings.push(`the browser keeps ${await kept(tab)}`);
      return findings;
    }),
  },
  {
    name: 'desk: a request comes by itself',
    ...atDesk({}, async (tab, front) => {
      const body = new URLSearchParams({ name: 'Zebulon Quill', phone: '916-555-0142', message: 'no' });
      const sent = Date.now();
      const response = await fetch(new URL('/appointments/', front.url), { method: 'POST', body, headers: { Origin: front.server } });
      if (!response.ok) return [`the form answers ${response.status}`];
      await listed(tab, [...everybody, 'Zebulon Quill']);
      const findings = [];
      if (Date.now() - sent > 5_000) findings.push(`it came after ${Date.now() - sent} ms`);
      const title = await tab.evaluate(() => document.title);
      if (!title.startsWith('(5)')) findings.push(`the title is “${title}”`);
      return findings;
    }),
  },
  {
    name: 'desk: in the dark',
    ...atDesk({ dark: true }, (tab) => bothWidths(tab, 'list')),
  },
  {
    name: 'desk: forced colors',
    needs: 'forced colors',
    ...atDesk({ forcedColors: true }, async (tab) => {
      const findings = await check.forced(tab);
      await press(tab, 'Jordan');
      await heading(tab, 'Jordan');
      return [...findings, ...(await check.forced(tab))];
    }),
  },
  {
    name: 'desk: a key made in the page, with a passphrase',
    look: { ...laptop, lessMotion: true },
    async run(tab) {
      const made = await folder('desk');
      const server = `http://127.0.0.1:${await freePort()}`;
      let site;
      try {
        await tab.go(await deskPage(made.path, server));
        await tab.click('.start .work button');
        await tab.click('#lock-yes');
        for (const field of ['#new-passphrase', '#new-passphrase-again']) await tab.type(field, 'correct horse battery staple');
        await tab.click('form > .actions button');
        const saved = [];
        for (const button of ['Save my key file', 'No printer: save it to a USB stick']) {
          await press(tab, button);
          saved.push(await until(`a file after “${button}”`, () => tab.downloaded(saved)));
        }
        await tab.click('#go-on');
        await tab.there('#lines');
        const lines = (await tab.evaluate(() => document.querySelector('#lines').value)).split('\n');
        if (lines.length !== 2) return [`${lines.length} lines for the admin`];
        const [locked, safe] = await Promise.all(saved.map((file) => readFile(file, 'utf8')));
        if (!/BEGIN AGE ENCRYPTED FILE/.test(locked) || !/^AGE-SECRET-KEY-1/m.test(safe)) return ['the files are not what they should be'];

        site = await serve('--listen', new URL(server).host, ...lines.flatMap((line) => ['--staff-key', line]));
        await tab.click('#open');
        await heading(tab, 'No request waits');
        await press(tab, 'Lock now');
        await tab.choose('#key-file', saved[0]);
        await tab.type('#passphrase', 'correct horse battery staple');
        await tab.press('Enter');
        await heading(tab, 'No request waits');
        return [];
      } finally {
        await site?.stop();
        await made.remove();
      }
    },
  },
];
