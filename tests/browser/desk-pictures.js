// Pictures of the desk page for docs/front-desk.md, of a made-up morning: npm run pictures -- ../../docs/pictures
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { chromium as browsers } from '@playwright/test';
import { chromium } from './chromium.js';
import { deskPage, keys, morning, sealed, unlock } from './desk.js';
import { fakeDesk } from './fake-desk.js';
import { small } from './png.js';

/** No picture is larger, in bytes. */
const MOST = 60_000;

if (!process.argv[2]) {
  console.error('usage: npm run pictures -- DIR');
  process.exit(2);
}
const folder = resolve(process.argv[2]);
await mkdir(folder, { recursive: true });
const made = await keys();
const front = await fakeDesk(await sealed(morning, made), made.mine.recipient);
const browser = await browsers.launch(chromium);
try {
  const page = await browser.newPage({ viewport: { width: 960, height: 640 }, locale: 'en-US', timezoneId: 'America/Los_Angeles', reducedMotion: 'reduce', colorScheme: 'light' });
  // The name of a clinic's server, and not where this one listens.
  const named = () => page.evaluate((host) => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) walker.currentNode.data = walker.currentNode.data.replace(host, 'clinic.example');
  }, new URL(front.url).host);
  const picture = async (name, height) => {
    await page.setViewportSize({ width: 960, height });
    await named();
    await page.evaluate(() => {
      document.activeElement?.blur();
      scrollTo(0, 0);
    });
    const path = join(folder, `desk-${name}.png`);
    const png = small(await page.screenshot());
    if (png.length > MOST) throw new Error(`${path} has ${png.length} bytes, more than ${MOST}`);
    await writeFile(path, png);
    console.log(`${path} ${png.length}`);
  };
  await page.goto(await deskPage(made.folder, front.url));
  await picture('start', 620);
  await page.getByRole('button', { name: 'I have no key yet: make one' }).click();
  await page.getByLabel('No: this computer').check();
  await page.getByRole('button', { name: 'Make the key' }).click();
  await page.locator('.sheet .fingerprint span').first().waitFor();
  // Whose picture it is has no use for a key, not even one that opens nothing.
  await page.locator('.groups span').evaluateAll((all) => all.slice(1).forEach((group) => { group.textContent = 'XXXX'.slice(0, group.textContent.length); }));
  await page.locator('.qr .dark').evaluate((path) => path.setAttribute('d', `M${path.getAttribute('d').split('M').filter((_, at) => at % 3).join('M')}`));
  await picture('make', 1180);
  await page.evaluate(() => { window.print = () => {}; });
  await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save my key file' }).click()]);
  await page.getByRole('button', { name: 'Print the sheet' }).click();
  await page.getByRole('button', { name: 'Go on' }).click();
  await picture('send', 900);
  await page.reload();
  await unlock(page, made.mine.file);
  await page.locator('.name-link').nth(3).waitFor();
  await picture('waiting', 800);
  await page.getByRole('button', { name: 'Jordan', exact: true }).click();
  await page.getByLabel('An appointment was made').check();
  await page.getByLabel('Note').fill('Tuesday, 10 am, with the group');
  await picture('request', 1180);
  front.state.readers.push(made.other.recipient);
  front.state.revision += 1;
  await page.locator('.alarm .fingerprint span').first().waitFor();
  await page.getByRole('navigation').first().getByRole('button').first().click();
  await picture('alarm', 560);
} finally {
  await browser.close();
  await front.stop();
  await made.remove();
}
