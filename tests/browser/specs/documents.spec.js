// What is in no sitemap: the booklets, which are for paper, and the pages of a preview that are for staff. Nothing of it is told on the page
// about accessibility, which speaks of what visitors come to by links.
import { axe } from '../checks/axe.js';
import { forcedColours } from '../checks/forced-colours.js';
import { sideways } from '../checks/layout.js';
import { looks, matrix, plain } from '../checks/looks.js';
import { none, test } from '../site.js';
import { content, serve } from '../server.js';

// A picture of the screen ends at 16,384 px and a booklet doesn't, so what axe leaves undecided there can't be measured. The same sections are
// measured on their pages, in the same colours.
const onScreen = (path) => path.startsWith('/_preview/');

// The gallery holds every component.
const gallery = '/_preview/components/';
const threeLooks = [
  { width: 320, media: {} },
  { width: 1280, media: { colorScheme: 'dark' } },
  { width: 1280, media: { forcedColors: 'active', colorScheme: 'dark' } },
];

let site;
test.beforeAll(async () => {
  site = await serve('--content', content);
});
test.afterAll(() => site.stop());

for (const path of ['/print/', '/es/imprimir/', gallery, '/_preview/report/']) {
  test(`${path} has no barrier that a program can find`, async ({ page }, info) => {
    // These are the longest pages.
    test.slow();
    const findings = [];
    await page.goto(new URL(path, site.url).href);
    for (const { width, media } of matrix || path === gallery ? looks(true) : threeLooks) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ ...plain, ...media });
      findings.push(...(await axe(page, info, { onScreen: onScreen(path) })), ...(await sideways(page)));
      if (media.forcedColors) findings.push(...(await forcedColours(page)));
    }
    none(findings.map((finding) => `${path}: ${finding}`));
  });
}
