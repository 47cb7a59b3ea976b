import { everyPage, expect, missing, none, test } from '../site.js';

for (const path of everyPage) {
  test(`${path} prints on few sheets, black on white, with its address and the help lines`, async ({ page }, { annotations }) => {
    // Dark on the screen must not be dark on paper.
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await page.goto(path);
    const findings = [];
    const paper = await page.evaluate(() => ({
      ground: getComputedStyle(document.documentElement).backgroundColor,
      ink: getComputedStyle(document.querySelector('main')).color,
      text: document.body.innerText,
      bars: [...document.querySelectorAll('.quick, .pages, .skip, .menu, .quick-exit')].filter((element) => element.checkVisibility()).map((element) => element.className),
      // A link in running text is a part of its sentence: it goes with all of it or not at all.
      lost: [...document.querySelectorAll('main .flow a')].filter((link) => !link.checkVisibility() && link.closest('p, li').checkVisibility()).map((link) => link.textContent),
    }));
    if (paper.ground !== 'rgb(255, 255, 255)') findings.push(`the paper is ${paper.ground}`);
    if (paper.ink !== 'rgb(0, 0, 0)') findings.push(`the ink is ${paper.ink}`);
    for (const number of ['911', '988']) if (!paper.text.includes(number)) findings.push(`${number} is not on the paper`);
    for (const words of paper.lost) findings.push(`"${words}" is missing in its sentence`);
    for (const bar of paper.bars) findings.push(`.${bar} is for the screen only`);
    // The error page has no address of its own.
    if (!missing.includes(path) && !new RegExp(`https?://\\S+${path}(\\s|$)`).test(paper.text)) findings.push('the address is not on the paper');
    none(findings);

    const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
    const sheets = pdf.match(/\/Type\s*\/Page\b(?!s)/g)?.length;
    annotations.push({ type: 'sheets', description: String(sheets) });
    expect(sheets).toBeGreaterThan(0);
    expect(sheets, 'Letter sheets').toBeLessThanOrEqual(2);
  });
}
