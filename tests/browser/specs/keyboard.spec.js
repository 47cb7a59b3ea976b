import { focus, stops } from '../checks/keyboard.js';
import { everyPage, expect, laptop, none, phone, test } from '../site.js';

for (const path of everyPage) {
  for (const [name, viewport] of Object.entries({ phone, laptop })) {
    test(`Tab reaches every link of ${path} in order on a ${name}, always in sight`, async ({ page }) => {
      await page.setViewportSize(viewport);
      await page.goto(path);
      const expected = await stops(page);
      const reached = [];
      const findings = [];
      // One more press than there are stops: the last one must leave the page.
      for (let press = 0; press <= expected.length; press += 1) {
        await page.keyboard.press('Tab');
        const { at, wrong } = await focus(page);
        if (at === null) break;
        reached.push(at);
        findings.push(...wrong.map((what) => `${at} ${what}`));
      }
      expect(reached).toEqual(expected);
      none(findings);
    });
  }
}

test('the skip link is the first stop, comes into sight, and leads to the main text', async ({ page }) => {
  await page.goto('/group-therapy/');
  await page.keyboard.press('Tab');
  const skip = page.locator('.skip');
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport({ ratio: 1 });
  await page.keyboard.press('Enter');
  await expect(page.locator('main')).toBeFocused();
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement.closest('main') !== null)).toBe(true);
});

test('on a phone, the way to all pages leads there, and on to a page', async ({ page }) => {
  await page.setViewportSize(phone);
  await page.goto('/');
  await page.locator('a.menu').focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('#site-pages')).toBeInViewport();
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement.closest('#site-pages') !== null)).toBe(true);
  await page.keyboard.press('Enter');
  await expect(page.locator('h1')).toBeVisible();
});

test('on a phone, the bar with the quick actions stays at the bottom while the page scrolls', async ({ page }) => {
  await page.setViewportSize(phone);
  await page.goto('/group-therapy/');
  for (const y of [0, 1500, 1e6]) {
    await page.evaluate((top) => scrollTo({ top, behavior: 'instant' }), y);
    const box = await page.locator('.quick').boundingBox();
    expect(Math.round(box.y + box.height)).toBe(phone.height);
  }
  // At the very end of the page the bar covers nothing that anybody needs.
  const last = await page.locator('.foot').evaluate((foot) => {
    const text = document.createRange();
    text.selectNodeContents(foot);
    return text.getBoundingClientRect().bottom;
  });
  const bar = await page.locator('.quick').boundingBox();
  expect(last).toBeLessThanOrEqual(bar.y);
});
