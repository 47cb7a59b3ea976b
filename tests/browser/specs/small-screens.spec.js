import { clipped, sideways, smallTargets } from '../checks/layout.js';
import { everyPage, laptop, none, phone, test } from '../site.js';

const windows = [
  { name: 'the narrowest phone', viewport: { width: 320, height: 568 } },
  { name: 'a laptop at 400 % zoom', viewport: { width: 1280 / 4, height: 1024 / 4 } },
  { name: 'a phone held sideways', viewport: { width: 667, height: 375 } },
];

// WCAG 1.4.12: what a reader may set. As an adopted sheet, since the Content-Security-Policy refuses a <style>.
const spacing = `
  * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
  p { margin-block-end: 2em !important; }`;

for (const path of everyPage) {
  test(`${path} never scrolls sideways`, async ({ page }) => {
    const findings = [];
    for (const { name, viewport } of windows) {
      await page.setViewportSize(viewport);
      await page.goto(path);
      for (const finding of [...(await sideways(page)), ...(await clipped(page))]) findings.push(`${name}: ${finding}`);
    }
    none(findings);
  });

  test(`${path} keeps all its text when a reader spaces it out`, async ({ page }) => {
    const findings = [];
    for (const viewport of [{ width: 320, height: 568 }, laptop]) {
      await page.setViewportSize(viewport);
      await page.goto(path);
      await page.evaluate((css) => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(css);
        document.adoptedStyleSheets = [sheet];
      }, spacing);
      for (const finding of [...(await sideways(page)), ...(await clipped(page))]) findings.push(`${viewport.width} px: ${finding}`);
    }
    none(findings);
  });

  test(`${path} has targets of at least 44 px`, async ({ page }) => {
    const findings = [];
    for (const viewport of [phone, laptop]) {
      await page.setViewportSize(viewport);
      await page.goto(path);
      for (const finding of await smallTargets(page)) findings.push(`${viewport.width} px: ${finding}`);
    }
    none(findings);
  });
}
