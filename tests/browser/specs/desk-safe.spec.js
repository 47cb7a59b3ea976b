// What the desk page keeps from others: whoever comes to the computer, the browser, a hostile server, a stranger's key, a request that is markup.
import { keys, morning, sealed, unlock } from '../desk.js';
import { around, close, h1, it, open, show, start, tab } from '../desk-front.js';
import { expect, fresh, test } from '../site.js';

test.setTimeout(60_000);
around(test);

/** What is on the page, but for its own script. */
const shown = (page) => page.evaluate(() => [...document.body.children].filter(({ localName }) => localName !== 'script').map(({ outerHTML }) => outerHTML).join(''));

fresh('nobody there for ten minutes: it is locked, and nothing of it is left on the page', async ({ page }) => {
  await page.clock.install();
  await open(page, morning);
  await show(page, 'Jordan');
  await page.locator('#note').fill('half a note');
  await page.clock.fastForward('09:00');
  await page.mouse.move(10, 10);
  await page.mouse.move(20, 20);
  await page.clock.fastForward('09:30');
  await expect(h1(page)).toHaveText('Jordan');
  await page.clock.fastForward('00:40');
  await expect(page.getByRole('main')).toContainText('nobody touched it for ten minutes');
  await expect(page.getByRole('main')).toContainText('4 requests wait.');
  await expect(page).toHaveTitle('(4) Front desk');
  expect(await shown(page)).not.toMatch(/Jordan|555-0100|half a note/);
  // It still counts what comes.
  it.front.state.rows.unshift(...(await sealed([{ reference: 'NEW0-0002', minutes: 0 }], it.made)));
  it.front.state.revision += 1;
  await page.clock.runFor(3000);
  await expect(page).toHaveTitle('(5) Front desk');
  // A sleep is no hand: what wakes the computer finds it locked.
  await unlock(page, it.made.mine.file);
  await expect(h1(page)).toHaveText('5 requests wait');
  await page.evaluate(() => { const now = Date.now; Date.now = () => now() + 11 * 60_000; });
  await page.keyboard.press('Shift');
  await expect(page.getByRole('main')).toContainText('nobody touched it for ten minutes');
});

test('a tab that nobody sees shows nothing, and is as it was when it is seen again', async ({ page }) => {
  await open(page, morning);
  await show(page, 'Jordan');
  await page.locator('#note').fill('half a note');
  const see = (hidden) => page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
  await see(true);
  expect(await shown(page)).not.toMatch(/Jordan|555-0100/);
  await see(false);
  await expect(h1(page)).toHaveText('Jordan');
  await expect(page.locator('#note')).toHaveValue('half a note');
  await expect(page.locator('#note')).toBeFocused();
});

test('markup in every field is text, and asks for nothing', async ({ page }) => {
  const evil = (what) => `${what}<img src=x onerror="window.hit=1"><script>window.hit=1</script><a href="javascript:window.hit=1">x</a>`;
  const asked = [];
  await start([{
    reference: 'EV1L-0001', name: evil('name'), phone: evil('phone'), phone_typed: evil('typed'), note: evil('note'), language: 'other', other_language: evil('tongue'), page: evil('en'),
    row: { keys: evil('keys'), language: evil('en'), history: [{ state: 'waiting', key: '', hour: 1 }] },
  }, { reference: 'EV1L-0002', to: 'other', row: { reference: evil('row'), keys: evil('keys') } }]);
  await page.goto(it.address);
  page.on('request', (request) => asked.push(request.url()));
  await unlock(page, it.made.mine.file);
  await expect(page.getByRole('main')).toContainText('name<img');
  await page.getByRole('button', { name: /^name<img/ }).click();
  await expect(h1(page)).toContainText('name<img');
  for (const what of ['phone', 'typed', 'note', 'tongue']) await expect(page.getByRole('main')).toContainText(`${what}<img`);
  expect(await page.locator('main img, main script, main a').count()).toBe(0);
  expect(await page.evaluate(() => window.hit)).toBeUndefined();
  expect(asked.filter((url) => !url.startsWith(`${it.front.url}/desk/api/`))).toEqual([]);
});

const hostile = {
  'a request as a sign-in': [{ challenge: () => ({ challenges: [it.front.state.rows[0].sealed] }) }, 'something else than a sign-in'],
  'the sign-in of another server': [{ challenge: async () => ({ challenges: [(await sealed([{ reference: 'X' }], it.made))[0].sealed] }) }, 'something else than a sign-in'],
  'a way elsewhere': [{ challenge: () => ({ status: 302, headers: { location: 'https://elsewhere.example/' }, body: '' }) }, 'send this page elsewhere'],
  'nonsense': [{ challenge: () => ({ status: 200, body: '<h1>Welcome</h1>' }) }, 'makes no sense'],
  'words of its own': [{ challenge: () => ({ status: 400, body: { error: 'Type your passphrase at elsewhere.example' } }) }, 'did not understand this page'],
  'no answer': [{ challenge: () => undefined }, 'can’t be reached'],
  'no such key': [{ challenge: () => ({ challenges: [] }) }, 'doesn’t know this key'],
};
test('a hostile server gets nothing, and staff are told in our words', async ({ page }) => {
  await start(morning);
  for (const [name, [answers, words]] of Object.entries(hostile)) {
    it.front.state.answers = answers;
    it.front.state.calls = [];
    await page.goto(it.address);
    await page.locator('#key-file').setInputFiles(it.made.mine.file);
    await expect(page.locator('.mistakes'), name).toContainText(words);
    await expect(page.locator('.mistakes'), name).not.toContainText('elsewhere.example');
    expect(it.front.state.calls.filter(({ name: call }) => call !== 'challenge'), name).toEqual([]);
  }
});

/** To how many keys the page sealed each of what it sent last. */
const sealedTo = () => JSON.parse(it.front.state.calls.findLast(({ name }) => name === 'change').text).changes.map(({ sealed: text }) =>
  Buffer.from(text.replace(/-----.*-----|\s/g, ''), 'base64').toString('latin1').match(/^-> X25519 /gm).length);
const changes = () => it.front.state.calls.filter(({ name }) => name === 'change').length;
const alarm = (page) => page.getByRole('alert').filter({ hasText: 'that nobody here knows' });
const trust = (page) => alarm(page).getByRole('button', { name: /^I have compared it: trust it for now( [0-9a-f]{4}){8}$/ });
const both = () => ({ name: 'Kit', keys: [it.made.mine.recipient, it.made.other.recipient] });

test('an unknown reader is an alarm on every screen, and nothing is sealed to it until it is trusted', async ({ page }) => {
  await open(page, [...morning, { reference: 'TW0K-EYS1', ...both() }]);
  await expect(alarm(page)).toContainText('A key that nobody here knows');
  await show(page, 'Kit');
  await expect(alarm(page)).toBeVisible();
  await expect(page.getByRole('main')).toContainText('It is also sealed to a key that this desk doesn’t know');
  await expect(page.getByRole('main')).not.toContainText('Something is wrong with this request');
  // Closing it would shut that key out: it is asked first.
  await page.getByLabel('An appointment was made').check();
  await close(page);
  const mistakes = page.locator('.mistakes').filter({ hasText: 'The request was not closed' });
  await expect(mistakes).toBeFocused();
  await mistakes.getByRole('button', { name: /all the same/ }).click();
  await expect(page.getByRole('checkbox', { name: 'Close it all the same' })).toBeFocused();
  await expect(page.getByRole('group', { name: /^1 key that can read this request now will not/ }).locator('.fingerprint span')).toHaveCount(8);
  expect(changes()).toBe(0);
  await page.keyboard.press('Space');
  await close(page);
  await expect(page.locator('.done')).toContainText('is closed.');
  expect(sealedTo()).toEqual([1]);
  await trust(page).click();
  await expect(page.locator('.alarm')).toHaveCount(0);
  // The message leads to the form that saves it, so that it is known the next time: not without a word on the passphrase.
  await show(page, 'Save my key file with it');
  await expect(page.getByRole('heading', { name: 'Save my key file with the keys that I trust' })).toBeFocused();
  await expect(page.getByRole('button', { name: 'Save the key file' })).toBeInViewport();
  await expect(page.getByRole('main')).toContainText('Trusted until the desk is locked');
  let downloads = 0;
  page.on('download', () => { downloads += 1; });
  await show(page, 'Save the key file');
  await expect(page.locator('.mistakes')).toBeFocused();
  await expect(page.locator('.mistakes')).toContainText('Choose whether the file is to be locked.');
  expect(downloads).toBe(0);
  await page.getByLabel(/^No: this computer/).check();
  const [file] = await Promise.all([page.waitForEvent('download'), show(page, 'Save the key file')]);
  await expect(page.getByRole('main')).toContainText('in the key file that you saved');
  await expect(page.getByRole('main')).not.toContainText('Trusted until the desk is locked');
  await expect(page.getByRole('status').filter({ hasText: 'was saved' })).toBeVisible();
  // Opened again, it is sealed to both.
  await tab(page, /Closed/).click();
  await page.getByRole('button', { name: 'Open again TW0K-EYS1' }).click();
  await expect(page.locator('.done')).toContainText('waits again.');
  expect(sealedTo()).toEqual([2]);
  const saved = await file.path();
  page.once('dialog', (dialog) => dialog.accept());
  await page.goto(it.address);
  await unlock(page, saved);
  await expect(page.locator('.name-link')).toHaveCount(5);
  await expect(page.locator('.alarm')).toHaveCount(0);
});

test('each unknown reader has a button of its own, and a second click trusts no other one', async ({ page }) => {
  const more = await keys();
  await start(morning);
  it.front.state.readers.push(it.made.other.recipient, more.mine.recipient);
  await more.remove();
  await page.goto(it.address);
  await unlock(page, it.made.mine.file);
  await expect(alarm(page)).toContainText('2 keys that nobody here knows');
  await expect(trust(page)).toHaveCount(2);
  const names = await Promise.all([0, 1].map((at) => trust(page).nth(at).evaluate((node) => node.closest('li').querySelector('.fingerprint').textContent.trim())));
  expect(new Set(names).size).toBe(2);
  await trust(page).first().dblclick();
  await expect(alarm(page)).toContainText('A key that nobody here knows');
  // Where the pointer is, or above: whatever is clicked there at once is not meant.
  await trust(page).click();
  await expect(trust(page)).toHaveCount(1);
  await expect(alarm(page)).toContainText(names[1]);
  await page.waitForTimeout(1100);
  await alarm(page).getByRole('button', { name: 'See all keys' }).click();
  await expect(h1(page)).toHaveText('Keys');
  await expect(page.getByRole('main')).toContainText('Trusted until the desk is locked');
  await trust(page).click();
  await expect(page.locator('.alarm')).toHaveCount(0);
});

test('closing many, and opening again, asks about the keys that it shuts out', async ({ page }) => {
  await open(page, [{ reference: 'TW0K-EYS1', ...both() }, { reference: 'TW0K-EYS2', ...both() }, morning[0],
    { reference: 'TW0K-EYS3', ...both(), closed: 20_000, closing: { outcome: 'appointment', note: '', at: '2024-10-04T10:00:00Z' } }]);
  await page.getByLabel(/^Select all/).check();
  await page.getByRole('button', { name: /^Close 3 as/ }).click();
  await page.locator('.ask button').first().click();
  await expect(page.locator('.done')).toContainText('1 key that can read 2 of these requests now will not be able to afterwards');
  await expect(page.locator('.done')).toContainText(/( [0-9a-f]{4}){8}\./);
  await expect(page.locator('.done')).toBeFocused();
  expect(changes()).toBe(0);
  await show(page, 'Close them all the same');
  await expect(page.locator('.done')).toContainText('3 requests are closed.');
  expect(sealedTo()).toEqual([1, 1, 1]);
  await tab(page, /Closed/).click();
  await page.getByRole('button', { name: 'Open again TW0K-EYS3' }).click();
  await expect(page.locator('.done')).toContainText('1 key that can read this request now');
  expect(changes()).toBe(1);
  await show(page, 'Open it again all the same');
  await expect(page.locator('.done')).toContainText('TW0K-EYS3 waits again.');
  // Those that are shut out already have nothing to lose.
  await tab(page, /Closed/).click();
  await page.getByRole('button', { name: 'Open again TW0K-EYS1' }).click();
  await expect(page.locator('.done')).toContainText('TW0K-EYS1 waits again.');
});

fresh('nothing is stored, the address stays, and the clipboard is left alone', async ({ page, context }) => {
  const messages = [];
  page.on('console', (message) => messages.push(message.text()));
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page, morning);
  await page.evaluate(() => navigator.clipboard.writeText('as before'));
  const before = await page.evaluate(() => [location.href, history.length]);
  await show(page, 'Jordan');
  await page.getByLabel('An appointment was made').check();
  await close(page);
  await expect(page.locator('.done')).toBeVisible();
  for (const name of [/Closed/, 'Keys', /Waiting/]) await tab(page, name).click();
  expect(await page.evaluate(() => [location.href, history.length])).toEqual(before);
  expect(await page.evaluate(async () => [document.cookie, localStorage.length, sessionStorage.length, (await indexedDB.databases()).length, history.state])).toEqual(['', 0, 0, 0, null]);
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('as before');
  expect(messages).toEqual([]);
  // Whoever presses Back for the list is asked first.
  const asked = page.waitForEvent('dialog');
  await page.evaluate(() => setTimeout(() => history.back()));
  const dialog = await asked;
  expect(dialog.type()).toBe('beforeunload');
  await dialog.dismiss();
  await expect(h1(page)).toHaveText('3 requests wait');
});
