// What the specs of the desk page share: a made-up server, the page for it, and how people get around in it.
import { deskPage, keys, sealed, unlock } from './desk.js';
import { fakeDesk } from './fake-desk.js';

/** Of the test that runs: its keys, its server, and where its page is. */
export const it = { made: undefined, front: undefined, address: '' };

/** Keys for all tests of a file; each starts a server of its own. */
export function around(test) {
  test.beforeAll(async () => {
    it.made = await keys();
  });
  test.afterAll(() => it.made.remove());
  test.afterEach(() => it.front.stop());
}

/** Starts a server with these requests, and makes the page for it. */
export async function start(requests = [], ...options) {
  it.front = await fakeDesk(await sealed(requests, it.made), it.made.mine.recipient);
  it.address = await deskPage(it.made.folder, it.front.url, ...options);
}

/** The page, open. */
export async function open(page, requests, ...options) {
  await start(requests, ...options);
  await page.goto(it.address);
  await unlock(page, it.made.mine.file);
}

export const h1 = (page) => page.getByRole('heading', { level: 1 });
export const tab = (page, name) => page.getByRole('navigation').first().getByRole('button', { name });
export const show = (page, name) => page.getByRole('button', { name, exact: true }).click();
export const close = (page) => page.locator('form > .actions button').first().click();
