import { clipped, sideways, smallTargets, spaceOut } from '../checks/layout.js';
import { everyPage, laptop, none, phone, tell, test } from '../site.js';

const narrow = [
  { name: 'the narrowest phone', viewport: { width: 320, height: 568 } },
  { name: 'a laptop at 400 % zoom', viewport: { width: 1280 / 4, height: 1024 / 4 } },
  { name: 'a phone held sideways', viewport: { width: 667, height: 375 } },
];
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
      ...tell(info, 'zoom', path, narrow.length, zoom),
      ...tell(info, 'targets', path, 2, targets),
      ...tell(info, 'spacing', path, spaced.length, spacedOut),
    ]);
  });
}
