// The desk page with the program itself: the first use from nothing, two desks at once, and what is left in a browser's folder.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium as browsers } from '@playwright/test';
import { chromium } from '../chromium.js';
import { desk, deskPage, morning, unlock } from '../desk.js';
import { serve } from '../server.js';
import { expect, fresh } from '../site.js';

fresh.setTimeout(120_000);

const run = promisify(execFile);
const h1 = (page) => page.getByRole('heading', { level: 1 });
const show = (page, name) => page.getByRole('button', { name, exact: true }).click();
const close = (page) => page.getByRole('button', { name: 'Close the request' }).click();

/** A port that nobody listens on. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Every file below a folder. */
async function* files(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (entry.isFile()) yield path;
  }
}

/** Which files below a folder hold one of these texts, in either of the ways that browsers write text. */
async function holding(folder, texts) {
  const wanted = texts.flatMap((text) => [Buffer.from(text), Buffer.from(text, 'utf16le')]);
  const found = [];
  for await (const path of files(folder)) {
    const bytes = await readFile(path);
    if (wanted.some((text) => bytes.includes(text))) found.push(path);
  }
  return found;
}

fresh('from nothing: a key is made in the page, and a request is read, closed and opened again; the browser keeps none of it', async ({ page: visitor }) => {
  const folder = await mkdtemp(join(tmpdir(), 'clinic-site-first-'));
  const profile = join(folder, 'profile');
  const options = { ...chromium, locale: 'en-US', timezoneId: 'America/Los_Angeles', acceptDownloads: true };
  const server = `http://127.0.0.1:${await freePort()}`;
  const address = await deskPage(folder, server);
  const context = await browsers.launchPersistentContext(profile, options);
  let site;
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    const strangers = [];
    page.on('request', (request) => request.url() === address || request.url().startsWith(server) || request.url().startsWith('blob:') || strangers.push(request.url()));
    await page.goto(address);
    await show(page, 'I have no key yet: make one');
    await page.getByLabel('Yes: whoever finds the file').check();
    await page.getByLabel('Passphrase', { exact: true }).fill('correct horse battery staple');
    await page.getByLabel('The same once more').fill('correct horse battery staple');
    await show(page, 'Make the key');
    await expect(h1(page)).toHaveText('Save the key, twice');
    const save = async (name) => {
      const [download] = await Promise.all([page.waitForEvent('download'), show(page, name)]);
      const file = join(folder, download.suggestedFilename());
      await download.saveAs(file);
      await download.delete();
      return file;
    };
    const own = await save('Save my key file');
    const safe = await save('No printer: save it to a USB stick');
    await show(page, 'Go on');
    const lines = (await page.getByRole('textbox', { name: 'The lines to send' }).inputValue()).split('\n');
    expect(lines).toHaveLength(2);
    // The server isn't there yet: that is said, and nothing is lost.
    await show(page, 'Open the desk with this key');
    await expect(page.locator('.mistakes')).toContainText('The server can’t be reached');
    site = await serve('--listen', new URL(server).host, ...lines.flatMap((line) => ['--staff-key', line]));
    await show(page, 'Open the desk with this key');
    await expect(h1(page)).toHaveText('No request waits');

    await visitor.goto(new URL('/appointments/', site.url).href);
    for (const [name, value] of Object.entries({ name: 'Zebulon Quill', phone: '916-555-0142', note: 'Xylophone lessons' })) await visitor.locator(`form [name=${name}]`).fill(value);
    await visitor.locator('form button').click();
    await visitor.waitForURL(/[0-9A-Z]{4}-[0-9A-Z]{4}\//);
    await expect(page.getByRole('button', { name: 'Zebulon Quill' })).toBeVisible({ timeout: 5_000 });
    await expect(page).toHaveTitle('(1) Front desk');

    await show(page, 'Zebulon Quill');
    await expect(page.getByRole('link', { name: '916-555-0142' })).toHaveAttribute('href', 'tel:+19165550142');
    await page.getByLabel('An appointment was made').check();
    await page.getByLabel('Note').fill('Quartzite at nine');
    await close(page);
    await expect(page.locator('.done')).toContainText('is closed.');
    await page.getByRole('navigation').getByRole('button', { name: 'Closed (1)' }).click();
    await show(page, 'Zebulon Quill');
    await expect(page.getByRole('main')).toContainText('Quartzite at nine');
    await expect(page.locator('.history')).toContainText(/Closed: (Today|Yesterday), between .* by your key/);

    // What the page sealed is an ordinary file of age: both keys open it.
    const [row] = JSON.parse((await run('python3', ['-c', 'import json, sqlite3, sys; print(json.dumps(sqlite3.connect(sys.argv[1]).execute("SELECT sealed FROM requests").fetchone()))', join(site.data, 'requests.db')])).stdout);
    const opening = run('age', ['--decrypt', '--identity', safe]);
    opening.child.stdin.end(row);
    const opened = JSON.parse((await opening).stdout);
    expect([opened.name, opened.closing.outcome, opened.closing.note, [...opened.keys].sort()]).toEqual(['Zebulon Quill', 'booked', 'Quartzite at nine', [...lines].sort()]);

    await show(page, 'Open it again');
    await expect(page.locator('.done')).toContainText('waits again.');
    await show(page, 'Lock now');
    await page.locator('#key-file').setInputFiles(own);
    await page.getByLabel('Passphrase').fill('correct horse battery staple');
    await show(page, 'Unlock');
    // A passphrase is slow to try, on purpose.
    await expect(h1(page)).toHaveText('1 request waits', { timeout: 30_000 });
    expect(strangers).toEqual([]);
  } finally {
    await context.close();
    await site?.stop();
  }
  const kept = await holding(profile, ['Zebulon', 'Quill', '555-0142', '+19165550142', 'Xylophone lessons', 'Quartzite', 'AGE-SECRET-KEY-1', 'battery staple']);
  expect(kept).toEqual([]);
  await rm(folder, { recursive: true });
});

fresh('two desks close one request: one is faster, and the other is shown what came of it, with the note that it typed', async ({ browser }) => {
  const front = await desk(morning);
  try {
    // Each in a window of its own: a tab behind another one is slow.
    const pages = [await browser.newPage(), await browser.newPage()];
    // The second one isn't told of the first before it sends.
    await pages[1].route(/\/desk\/api\/wait$/, () => {});
    for (const page of pages) {
      await page.goto(front.page);
      await unlock(page, front.mine.file);
      await show(page, 'Jordan');
    }
    const [one, other] = pages;
    const write = async (page, outcome, note) => {
      await page.getByLabel(outcome).check();
      await page.getByLabel('Note').fill(note);
    };
    await write(one, 'An appointment was made', 'Monday, 9 am');
    await close(one);
    await expect(one.locator('.done')).toContainText('is closed.');
    await write(other, 'Nobody could be reached', 'Machine, twice');
    await close(other);
    await expect(other.locator('.done')).toContainText('Somebody was faster: K7QM-4XT2 was closed meanwhile.');
    await expect(other.getByRole('main')).toContainText('Monday, 9 am');
    await expect(other.getByRole('textbox', { name: 'What you had written' })).toHaveValue('Machine, twice');

    // Told while it is looked at: the same.
    await other.unroute(/\/desk\/api\/wait$/);
    await other.reload();
    await unlock(other, front.mine.file);
    await show(other, 'Pa Houa');
    await other.getByLabel('Note').fill('Spoke to a brother');
    await show(one, 'Pa Houa');
    await write(one, 'An appointment was made', 'Tuesday');
    await close(one);
    await expect(other.locator('.done')).toContainText('What you wrote was not saved.', { timeout: 5_000 });
    await expect(other.getByRole('textbox', { name: 'What you had written' })).toHaveValue('Spoke to a brother');
    await expect(h1(other)).toBeFocused();
    for (const page of pages) await page.close();
  } finally {
    await front.stop();
  }
});

fresh('a store that is away is told, and the note stays; the server’s words are ours', async ({ page }) => {
  const front = await desk(morning);
  try {
    await page.goto(front.page);
    await unlock(page, front.mine.file);
    await show(page, 'Jordan');
    await page.getByLabel('Nobody could be reached').check();
    await page.getByLabel('Note').fill('No answer');
    await front.away();
    await close(page);
    await expect(page.locator('.done')).toContainText('Nothing was changed. The server can’t reach its requests now.');
    await expect(page.getByLabel('Note')).toHaveValue('No answer');
    await expect(page.getByLabel('Nobody could be reached')).toBeChecked();
  } finally {
    await front.stop();
  }
});
