import { motion } from '../checks/motion.js';
import { everyPage, expect, fresh, none, tell, test } from '../site.js';

const transition = 'pages change with a view transition';

test('nothing moves on any page for who wants less motion', async ({ page }, info) => {
  const findings = [];
  for (const path of everyPage) {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.goto(path);
    findings.push(...(await motion(page)).map((finding) => `${path}: ${finding}`));
    // For others, one thing does: the change of pages.
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    const moving = await motion(page);
    if (moving.length !== 1 || moving[0] !== transition) findings.push(`${path} without a wish for less motion: ${moving.join(', ') || 'no view transition'}`);
  }
  none(tell(info, 'motion', everyPage, everyPage.length, findings));
});

for (const [reducedMotion, moves] of [['reduce', false], ['no-preference', true]]) {
  fresh(`a link ${moves ? 'fades over to' : 'simply opens'} the next page with prefers-reduced-motion: ${reducedMotion}`, async ({ page }) => {
    await page.emulateMedia({ reducedMotion });
    await page.addInitScript(() => addEventListener('pagereveal', ({ viewTransition }) => (window.faded = viewTransition !== null)));
    await page.goto('/');
    await page.locator('main a[href^="/"]').first().click();
    await page.waitForFunction(() => location.pathname !== '/' && window.faded !== undefined);
    expect(await page.evaluate(() => window.faded)).toBe(moves);
  });
}
