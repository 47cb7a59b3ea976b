import { axe } from '../checks/axe.js';
import { everyPage, none, test } from '../site.js';

// The structure depends on the width, not on the colours: dark and high contrast are looked at for colours only. Forced colours
// are left out: axe reads the author's colours there, not those on the screen.
const looks = [
  ...[320, 768, 1280].flatMap((width) => [
    { width, name: 'light', media: {} },
    { width, name: 'dark', media: { colorScheme: 'dark' }, only: 'colours' },
  ]),
  { width: 1280, name: 'more contrast', media: { contrast: 'more' }, only: 'colours' },
  { width: 1280, name: 'more contrast, dark', media: { contrast: 'more', colorScheme: 'dark' }, only: 'colours' },
];
const plain = { colorScheme: 'light', contrast: 'no-preference' };

for (const path of everyPage) {
  test(`axe finds nothing wrong on ${path} in any width or colours`, async ({ page }) => {
    await page.goto(path);
    const where = new Map();
    for (const { width, name, media, only } of looks) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ ...plain, ...media });
      for (const finding of await axe(page, { only })) {
        where.set(finding, [...(where.get(finding) ?? []), `${width} ${name}`]);
      }
    }
    none([...where].map(([finding, at]) => `${path} at ${at.join(', ')}: ${finding}`));
  });
}
