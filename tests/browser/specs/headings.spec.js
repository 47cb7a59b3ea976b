import { headings, languages, ownTexts, translations } from '../checks/structure.js';
import { everyPage, languageOf, none, tell, test } from '../site.js';

test('every page has headings that lead, and says what language it and its parts are in', async ({ page }, info) => {
  const findings = [];
  const texts = new Map();
  const originals = new Map();
  for (const path of everyPage) {
    await page.goto(path);
    const language = languageOf(path);
    findings.push(...[...(await headings(page)), ...(await languages(page, language))].map((finding) => `${path}: ${finding}`));
    texts.set(path, await ownTexts(page));
    if (language !== 'en') originals.set(path, (await translations(page)).en);
  }
  // What stands word for word on the English page too is English, and has to be marked so.
  for (const [path, original] of originals) {
    const english = new Set(texts.get(original));
    for (const text of texts.get(path)) if (english.has(text)) findings.push(`${path}: “${text}” is English, and not marked lang="en"`);
  }
  none(tell(info, 'headings', everyPage, everyPage.length, findings));
});
