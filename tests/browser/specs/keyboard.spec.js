import { walk } from '../checks/keyboard.js';
import { everyPage, expect, none, phone, tell, test, windows } from '../site.js';

for (const path of everyPage) {
  test(`Tab reaches every link of ${path} in order, always in sight`, async ({ page }, info) => {
    const findings = [];
    for (const [name, viewport] of Object.entries(windows)) {
      await page.setViewportSize(viewport);
      // Anew: the focus starts at the top.
      await page.goto(path);
      const { expected, reached, wrong } = await walk(page);
      findings.push(...wrong.map((finding) => `${path} on a ${name}: ${finding}`));
      if (reached.join('\n') !== expected.join('\n')) {
        const at = expected.findIndex((place, index) => place !== reached[index]);
        findings.push(`${path} on a ${name}: stop ${at + 1} of ${expected.length} should be ${expected[at]}, and is ${reached[at] ?? 'none'}`);
      }
    }
    none(tell(info, 'keyboard', path, 2, findings));
  });
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
