// A phone with a bad connection sends a long note with a mistake in the form: the head and the body of the post come apart. What comes back must be
// the form, with every letter as it was typed. Three times belong to the suite; CLINIC_SLOW_UPLOADS=20 makes it that many.
import { serve } from '../server.js';
import { expect, fresh as test, phone } from '../site.js';

const times = Number(process.env.CLINIC_SLOW_UPLOADS || 3);
const bytesPerSecond = 2000;

const notes = {
  // 1,440 bytes in the post: more than Chromium sends in one piece with the head.
  'a note of 240 Cyrillic letters': 'Мне нужна помощь. '.repeat(14).slice(0, 240),
  // The characters that take most bytes: 6,000 in the post.
  'the longest note there can be': '🕊'.repeat(500),
};

let site;
test.beforeAll(async () => {
  site = await serve();
});
test.afterAll(() => site.stop());

/** What is wrong with the page that came, unless it is the form with this note and with the mistake at its field. */
async function wrong(page, note) {
  if ((await page.locator('[name=note]').count()) !== 1) return `another page: ${await page.title()}`;
  if ((await page.locator('[name=note]').inputValue()) !== note) return 'another note';
  const number = page.locator('[name=phone][aria-invalid=true]');
  if ((await number.count()) !== 1) return 'no mistake at the number';
  if (!(await page.locator(`[id="${(await number.getAttribute('aria-describedby')).split(' ').pop()}"]`).isVisible())) return 'no word on the mistake';
  return undefined;
}

for (const [what, note] of Object.entries(notes)) {
  test(`${what}, sent slowly and with a mistake, comes back in the form`, async ({ page }) => {
    test.setTimeout(60_000 + times * 15_000);
    await page.setViewportSize(phone);
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Network.enable');
    await devtools.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytesPerSecond });
    const failures = [];
    for (let time = 1; time <= times; time += 1) {
      await page.goto(new URL('/appointments/', site.url).href);
      await page.locator('[name=name]').fill('Zebulon Quill');
      await page.locator('[name=note]').fill(note);
      const sent = Date.now();
      const [answer] = await Promise.all([
        page.waitForResponse((response) => response.request().method() === 'POST'),
        page.waitForEvent('load'),
        page.locator('form button').click(),
      ]);
      const why = answer.status() === 422 ? await wrong(page, note) : `${answer.status()}`;
      if (why) failures.push(`${time}: ${why}`);
      // Otherwise nothing was slow. Chromium lets the beginning pass at once.
      expect(Date.now() - sent, 'milliseconds').toBeGreaterThan((encodeURIComponent(note).length / bytesPerSecond) * 400);
    }
    expect(failures, `${failures.length} of ${times}`).toEqual([]);
  });
}
