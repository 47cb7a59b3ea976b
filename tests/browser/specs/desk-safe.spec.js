// What the desk page keeps from others: whoever comes to the computer, the browser, a hostile server, a stranger's key, a request that is markup.
import { morning, sealed, unlock } from '../desk.js';
import { around, close, h1, it, open, show, start, tab } from '../desk-front.js';
import { expect, fresh, test } from '../site.js';

test.setTimeout(60_000);
around(test);

/** What is on the page, but for its own script. */
const shown = (page) => page.evaluate(() => [...document.body.children].filter(({ localName }) => localName !== 'script').map(({ outerHTML }) => outerHTML).join(''));

test('nobody there for ten minutes: it is locked, and nothing of it is left on the page', async ({ page }) => {
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

test('an unknown reader is an alarm on every screen, and nothing is sealed to it until it is trusted', async ({ page }) => {
  await open(page, [...morning, { reference: 'TW0K-EYS1', name: 'Kit', keys: [it.made.mine.recipient, it.made.other.recipient] }]);
  const alarm = page.getByRole('alert').filter({ hasText: 'A key that nobody here knows' });
  await expect(alarm).toBeVisible();
  await show(page, 'Kit');
  await expect(alarm).toBeVisible();
  await expect(page.getByRole('main')).toContainText('It is also sealed to a key that this desk doesn’t know');
  await expect(page.getByRole('main')).not.toContainText('Something is wrong with this request');
  /** To how many keys the page sealed what it sent last. */
  const readers = () => {
    const { changes: [{ sealed: text }] } = JSON.parse(it.front.state.calls.findLast(({ name }) => name === 'change').text);
    return Buffer.from(text.replace(/-----.*-----|\s/g, ''), 'base64').toString('latin1').match(/^-> X25519 /gm).length;
  };
  await page.getByLabel('An appointment was made').check();
  await close(page);
  await expect(page.locator('.done')).toContainText('is closed.');
  expect(readers()).toBe(1);
  await show(page, 'I have compared it: trust it for now');
  await expect(alarm).toHaveCount(0);
  await tab(page, /Closed/).click();
  await page.getByRole('button', { name: 'Open again TW0K-EYS1' }).click();
  await expect(page.locator('.done')).toContainText('waits again.');
  expect(readers()).toBe(2);
  // To know it the next time, it is saved in the key file.
  await tab(page, 'Keys').click();
  await page.getByText('Save the key file anew').click();
  const [file] = await Promise.all([page.waitForEvent('download'), show(page, 'Save the key file')]);
  const saved = await file.path();
  page.once('dialog', (dialog) => dialog.accept());
  await page.goto(it.address);
  await unlock(page, saved);
  await expect(page.locator('.name-link')).toHaveCount(5);
  await expect(page.locator('.alarm')).toHaveCount(0);
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
