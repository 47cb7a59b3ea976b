import { axe, tool } from '../checks/axe.js';
import { forcedColours } from '../checks/forced-colours.js';
import { examples, looks, plain } from '../checks/looks.js';
import { everyPage, none, tell, test } from '../site.js';

for (const path of everyPage) {
  const mine = looks(examples.includes(path));
  test(`axe finds nothing wrong on ${path} in any width or colours`, async ({ page }, info) => {
    // One load serves all looks.
    await page.goto(path);
    const where = { axe: new Map(), contrast: new Map(), 'forced-colours': new Map() };
    const add = (check, finding, look) => where[check].set(finding, [...(where[check].get(finding) ?? []), look]);
    for (const { width, name, media } of mine) {
      const look = `${width} ${name}`;
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ ...plain, ...media });
      for (const finding of await axe(page, info)) add(finding.startsWith('color-contrast') ? 'contrast' : 'axe', finding, look);
      if (media.forcedColors) for (const finding of await forcedColours(page)) add('forced-colours', finding, look);
    }
    const forced = mine.filter(({ media }) => media.forcedColors).length;
    const findings = (check) => [...where[check]].map(([finding, at]) => `${path} at ${at.join(', ')}: ${finding}`);
    none([
      ...tell(info, 'axe', path, mine.length, findings('axe'), tool),
      ...tell(info, 'contrast', path, mine.length, findings('contrast')),
      ...tell(info, 'forced-colours', path, forced, findings('forced-colours')),
    ]);
  });
}
