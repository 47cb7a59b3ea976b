// A language that is data alone, and written from right to left: four pages in Arabic, of test content, and the form on one of them.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { axe } from '../checks/axe.js';
import { clipped, sideways } from '../checks/layout.js';
import { serve } from '../server.js';
import { expect, none, test } from '../site.js';

const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url));
const pages = ['/ar/', '/ar/mawaid/', '/ar/ittisal/', '/ar/musaada/'];

// What staff see of what was found in the files is for them, and in English.
const preview = /\/assets\/preview\./;

let folder, site;
test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clinic-site-languages-'));
  for (const part of ['minimal', 'languages']) await cp(join(fixtures, part), folder, { recursive: true });
  site = await serve('--content', folder);
});
test.afterAll(async () => {
  await site.stop();
  await rm(folder, { recursive: true });
});

test.beforeEach(({ page }) => page.route(preview, (route) => route.abort()));
test.afterEach(({ page }) => page.unroute(preview));

for (const path of pages) {
  test(`${path} is whole from right to left`, async ({ page }, info) => {
    await page.goto(new URL(path, site.url).href);
    await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
    const findings = [];
    for (const width of [320, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      const found = [...(await axe(page, info)), ...(await sideways(page)), ...(await clipped(page))];
      findings.push(...found.map((finding) => `${width}: ${finding}`));
    }
    none(findings);
    // What begins a line begins it on the right: the heading, and the number before a step.
    const ends = await page.locator('h1, .steps > li').evaluateAll((all) => all.map((one) => {
      const range = document.createRange();
      range.selectNodeContents(one.querySelector('h2, h3') ?? one);
      const [text, box] = [range.getBoundingClientRect(), one.getBoundingClientRect()];
      return box.right - text.right < box.width / 4;
    }));
    expect(ends).not.toContain(false);
    // A number that is dialled keeps the order of its digits: each is to the left of the next.
    const turned = await page.locator('a[href^="tel:"]').evaluateAll((links) => links.filter((link) => link.checkVisibility()).flatMap((link) => {
      const texts = document.createTreeWalker(link, NodeFilter.SHOW_TEXT);
      const places = [];
      while (texts.nextNode()) {
        for (const { index } of texts.currentNode.data.matchAll(/\d/g)) {
          const range = document.createRange();
          range.setStart(texts.currentNode, index);
          range.setEnd(texts.currentNode, index + 1);
          places.push(range.getBoundingClientRect().left);
        }
      }
      return places.every((place, at) => at === 0 || places[at - 1] < place) ? [] : [link.textContent];
    }));
    expect(turned).toEqual([]);
  });
}

test('a request is sent in Arabic, and kept', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 800 });
  await page.goto(new URL('/ar/mawaid/', site.url).href);
  await page.locator('#request-send').click();
  await expect(page.locator('[role=alert] a').first()).toBeVisible();
  await page.locator('[name=name]').fill('سلمى');
  await page.locator('[name=phone]').fill('٩١٦-٥٥٥-٠١٤٢');
  await page.locator('[name=language][value=ar]').check();
  await page.locator('#request-send').click();
  await page.waitForURL(/\/ar\/mawaid\/[0-9A-Z]{4}-[0-9A-Z]{4}\//);
  await expect(page.locator('html')).toHaveAttribute('lang', 'ar');
  const code = page.locator('.status b');
  await expect(code).toHaveText(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
  await expect(code).toHaveAttribute('dir', 'ltr');
});
