// A check that can't fail proves nothing: three real pages are broken on purpose, and each check must see it.
import { axe } from '../checks/axe.js';
import { contrastOnScreen } from '../checks/contrast.js';
import { focus, stops } from '../checks/keyboard.js';
import { clipped, sideways, smallTargets } from '../checks/layout.js';
import { expect, phone, test } from '../site.js';

const three = ['/', '/group-therapy/', '/get-help-now/'];

// `[rule of axe, what breaks it]`. Styles are set from script: the Content-Security-Policy refuses them in the markup.
const broken = [
  ['html-has-lang', () => document.documentElement.removeAttribute('lang')],
  ['document-title', () => document.querySelector('title').remove()],
  ['image-alt', () => document.querySelector('main').append(document.createElement('img'))],
  ['label', () => document.querySelector('main').append(document.createElement('input'))],
  ['link-name', () => document.querySelectorAll('.quick span').forEach((label) => label.remove())],
  ['color-contrast', () => document.querySelector('.foot h2').style.setProperty('color', '#447')],
  ['color-contrast-enhanced', () => document.querySelectorAll('.foot h2')[1].style.setProperty('color', '#799')],
  ['landmark-unique', () => document.querySelector('main').before(document.querySelector('.pages').cloneNode(true))],
  ['duplicate-id-aria', () => document.querySelector('main').append(Object.assign(document.createElement('p'), { id: 'site-help' }))],
  ['heading-order', () => document.querySelectorAll('.foot h3').forEach((heading) => {
    const six = document.createElement('h6');
    six.append(...heading.childNodes);
    heading.replaceWith(six);
  })],
  ['page-has-heading-one', () => document.querySelector('h1').remove()],
  ['meta-viewport', () => document.querySelector('[name=viewport]').setAttribute('content', 'width=device-width, user-scalable=no')],
  ['region', () => document.querySelector('main').before(Object.assign(document.createElement('p'), { textContent: 'Outside of every landmark' }))],
  ['aria-valid-attr-value', () => document.querySelector('main section').setAttribute('aria-labelledby', 'nowhere')],
];

for (const path of three) {
  test(`axe sees what is broken on ${path}`, async ({ page }) => {
    await page.goto(path);
    for (const [, breakIt] of broken) await page.evaluate(breakIt);
    const findings = await axe(page);
    const unseen = broken.map(([rule]) => rule).filter((rule) => !findings.some((finding) => finding.startsWith(`${rule} `)));
    expect(unseen).toEqual([]);
  });
}

test.describe('on a phone', () => {
  test.use({ viewport: phone });
  test.beforeEach(({ page }) => page.goto('/group-therapy/'));

  test('a box that is too wide is seen', async ({ page }) => {
    await page.locator('main .flow').first().evaluate((box) => box.style.setProperty('width', '500px'));
    expect(await sideways(page)).not.toEqual([]);
  });

  test('text that is cut off is seen', async ({ page }) => {
    await page.locator('main p').first().evaluate((text) => {
      text.style.setProperty('height', '1em');
      text.style.setProperty('overflow', 'hidden');
    });
    expect(await clipped(page)).not.toEqual([]);
  });

  test('text that leaves its box is seen', async ({ page }) => {
    await page.locator('main p').first().evaluate((text) => text.style.setProperty('height', '1em'));
    expect(await clipped(page)).not.toEqual([]);
  });

  test('a small target is seen', async ({ page }) => {
    const link = page.locator('.foot nav a').first();
    const name = await link.textContent();
    expect((await smallTargets(page)).join('\n')).not.toContain(`“${name}” (`);
    await link.evaluate((element) => {
      element.style.setProperty('min-height', '0');
      element.style.setProperty('display', 'inline-block');
    });
    expect((await smallTargets(page)).join('\n')).toContain(`“${name}” (`);
  });

  test('a target under something else is seen', async ({ page }) => {
    await page.evaluate(() => {
      const cover = document.createElement('div');
      for (const [name, value] of Object.entries({ position: 'fixed', inset: '0', 'z-index': '9' })) cover.style.setProperty(name, value);
      document.body.append(cover);
    });
    expect((await smallTargets(page))[0]).toContain('covered');
  });

  test('a focus without a ring, or behind the bar, is seen', async ({ page }) => {
    await stops(page);
    const link = page.locator('main a').first();
    await link.focus();
    await link.evaluate((element) => element.style.setProperty('outline', 'none'));
    expect((await focus(page)).wrong.join()).toContain('no visible focus ring');
    await link.evaluate((element) => scrollBy({ top: element.getBoundingClientRect().bottom - innerHeight + 4, behavior: 'instant' }));
    expect((await focus(page)).wrong.join()).toContain('hidden by <nav class="quick">');
  });

  test('text that fades into a picture is measured', async ({ page }) => {
    const before = await contrastOnScreen(page, 'h1');
    expect(before.ratio).toBeGreaterThanOrEqual(before.needed);
    await page.locator('h1').evaluate((heading) => heading.style.setProperty('background', 'linear-gradient(90deg, #fff, #000)'));
    const after = await contrastOnScreen(page, 'h1');
    expect(after.ratio).toBeLessThan(2);
    // The colour of the text counts, not only what is behind it.
    await page.locator('h1').evaluate((heading) => {
      heading.style.setProperty('background', '#000');
      heading.style.setProperty('padding', '1em');
      heading.style.setProperty('color', '#fff');
    });
    expect((await contrastOnScreen(page, 'h1')).ratio).toBeCloseTo(21, 1);
  });
});
