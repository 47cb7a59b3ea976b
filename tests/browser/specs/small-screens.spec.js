import { clipped, enlarge, sideways, smallTargets, spaceOut } from '../checks/layout.js';
import { everyPage, laptop, none, phone, tell, test } from '../site.js';

const narrow = [
  { name: 'the narrowest phone', viewport: { width: 320, height: 568 } },
  { name: 'a laptop at 400 % zoom', viewport: { width: 1280 / 4, height: 1024 / 4 } },
  { name: 'a phone held sideways', viewport: { width: 667, height: 375 } },
];
// Windows of people who read large text.
const large = [1280, 1024, 768];
const spaced = [{ width: 320, height: 568 }, laptop];

for (const path of everyPage) {
  test(`${path} fits small screens, zoom, spaced text and thumbs`, async ({ page }, info) => {
    // One load serves all windows.
    await page.goto(path);
    const zoom = [];
    for (const { name, viewport } of narrow) {
      await page.setViewportSize(viewport);
      for (const finding of [...(await sideways(page)), ...(await clipped(page))]) zoom.push(`${path}, ${name}: ${finding}`);
    }
    await enlarge(page, 200);
    for (const width of large) {
      await page.setViewportSize({ width, height: 1024 });
      for (const finding of [...(await sideways(page)), ...(await clipped(page))]) zoom.push(`${path}, text at 200 %, ${width} px: ${finding}`);
    }
    await enlarge(page, null);
    const targets = [];
    for (const viewport of [phone, laptop]) {
      await page.setViewportSize(viewport);
      for (const finding of await smallTargets(page)) targets.push(`${path}, target at ${viewport.width} px: ${finding}`);
    }
    const spacedOut = [];
    await spaceOut(page);
    for (const viewport of spaced) {
      await page.setViewportSize(viewport);
      for (const finding of [...(await sideways(page)), ...(await clipped(page))]) spacedOut.push(`${path}, spaced out at ${viewport.width} px: ${finding}`);
    }
    none([
      ...tell(info, 'zoom', path, narrow.length + large.length, zoom),
      ...tell(info, 'targets', path, 2, targets),
      ...tell(info, 'spacing', path, spaced.length, spacedOut),
    ]);
  });
}
