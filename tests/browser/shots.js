// Pictures of the pages that matter most, for people to look at: npm run shots -- DIR
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { chromium as browsers } from '@playwright/test';
import { chromium } from './chromium.js';
import { serve } from './server.js';

const pages = ['/', '/group-therapy/', '/get-help-now/', '/appointments/', '/no-such-page/'];
const looks = [
  ...[360, 1280].flatMap((width) => [
    { name: `${width}-light`, width, media: { colorScheme: 'light' } },
    { name: `${width}-dark`, width, media: { colorScheme: 'dark' } },
    { name: `${width}-forced`, width, media: { forcedColors: 'active' } },
  ]),
  // A Letter sheet, less the margins, at 96 px an inch.
  { name: 'print', width: 695, media: { media: 'print' } },
];

if (!process.argv[2]) {
  console.error('usage: npm run shots -- DIR');
  process.exit(2);
}
const folder = resolve(process.argv[2]);
await mkdir(folder, { recursive: true });
const site = await serve();
const browser = await browsers.launch(chromium);
try {
  for (const path of pages) {
    const name = path.replaceAll('/', '') || 'home';
    for (const { name: look, width, media } of looks) {
      const page = await browser.newPage({ viewport: { width, height: 800 }, reducedMotion: 'reduce', ...media });
      await page.emulateMedia(media);
      await page.goto(new URL(path, site.url).href);
      const file = join(folder, `${name}-${look}`);
      await page.screenshot({ path: `${file}.png`, fullPage: true });
      if (media.media === 'print') await page.pdf({ path: `${file}.pdf`, preferCSSPageSize: true });
      await page.close();
    }
    console.log(`${join(folder, name)}-*.png`);
  }
} finally {
  await browser.close();
  await site.stop();
}
