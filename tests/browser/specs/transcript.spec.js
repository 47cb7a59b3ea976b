// What a screen reader is told of three pages, in each language, is kept in transcripts/, so that a change of it is seen and read.
// UPDATE=1 writes what is said now; the diff is for a person to read aloud.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { translations } from '../checks/structure.js';
import { transcript } from '../checks/transcript.js';
import { expect, laptop, tell, test } from '../site.js';

const kept = {
  home: { path: '/' },
  'group-therapy': { path: '/group-therapy/' },
  // The contact section of a service page.
  'contact-section': { path: '/individual-therapy/', within: 'main section.contact' },
};

test.use({ viewport: laptop });

for (const [name, { path, within }] of Object.entries(kept)) {
  test(`a screen reader is told what was agreed on: ${name}`, async ({ page }, info) => {
    await page.goto(path);
    // Every language that the page itself names as one that it is in.
    const all = { en: path, ...(await translations(page)) };
    for (const [language, address] of Object.entries(all)) {
      await page.goto(address);
      const folder = new URL(`../transcripts/${language}/`, import.meta.url);
      const file = new URL(`${name}.txt`, folder);
      const said = undated(await transcript(page, within));
      if (process.env.UPDATE) {
        await mkdir(folder, { recursive: true });
        await writeFile(file, said);
      }
      const agreed = await readFile(file, 'utf8').catch(() => '');
      expect(said, `transcripts/${language}/${name}.txt; after reading it, UPDATE=1 npx playwright test transcript`).toBe(agreed);
    }
    const pages = Object.values(all);
    tell(info, 'transcript', pages, pages.length, []);
  });
}

// The days on which a page was read again change without anything else that is said.
function undated(text) {
  return text.replace(/\b(January|February|March|April|May|June|July|August|September|October|November|December) \d{1,2}, \d{4}/g, '(a day)')
    .replace(/\b\d{1,2} de (enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre) de \d{4}/g, '(a day)');
}
