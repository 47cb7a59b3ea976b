// A check that can't fail proves nothing: a real page is broken on purpose, three in a matrix, and each check must see it.
import { axe } from '../checks/axe.js';
import { contrastOnScreen } from '../checks/contrast.js';
import { forcedColours } from '../checks/forced-colours.js';
import { focus, stops, walk } from '../checks/keyboard.js';
import { clipped, sideways, smallTargets, spaceOut } from '../checks/layout.js';
import { matrix } from '../checks/looks.js';
import { motion } from '../checks/motion.js';
import { headings, languages } from '../checks/structure.js';
import { transcript } from '../checks/transcript.js';
import { overweight } from '../checks/weight.js';
import { expect, laptop, phone, test } from '../site.js';

const real = matrix ? ['/', '/group-therapy/', '/get-help-now/'] : ['/group-therapy/'];

// `[rule of axe, and where one is not enough the place; what breaks it]`. Styles are set from script: the Content-Security-Policy refuses them in the markup.
const broken = [
  ['html-has-lang', () => document.documentElement.removeAttribute('lang')],
  ['document-title', () => document.querySelector('title').remove()],
  ['image-alt', () => document.querySelector('main').append(document.createElement('img'))],
  ['label', () => document.querySelector('main').append(document.createElement('input'))],
  ['link-name', () => document.querySelectorAll('.quick span').forEach((label) => label.remove())],
  ['color-contrast (serious) #faint', () => {
    document.querySelector('main').append(Object.assign(document.createElement('p'), { id: 'faint', textContent: 'Can you read this?' }));
    document.getElementById('faint').style.setProperty('color', '#aaa');
  }],
  // Enough for WCAG's AA, and not for us.
  ['color-contrast (serious) #pale', () => {
    document.querySelector('main').append(Object.assign(document.createElement('p'), { id: 'pale', textContent: 'Can you read this?' }));
    document.getElementById('pale').style.setProperty('color', '#6a6a6a');
  }],
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

// Each way of showing colours: how a style sheet asks for it, and how the browser is put into it.
const schemes = {
  'lost-dark': { query: '(prefers-color-scheme: dark)', set: { colorScheme: 'dark' } },
  'lost-contrast': { query: '(prefers-contrast: more)', set: { contrast: 'more' } },
  'lost-forced': { query: '(forced-colors: active)', set: { forcedColors: 'active' } },
};

for (const path of real) {
  test(`axe sees what is broken on ${path}`, async ({ page }, info) => {
    await page.goto(path);
    for (const [, breakIt] of broken) await page.evaluate(breakIt);
    const findings = await axe(page, info);
    const unseen = broken.map(([rule]) => rule).filter((rule) => !findings.some((finding) => [' ', '\n'].some((end) => finding.startsWith(rule + end))));
    expect(unseen).toEqual([]);
  });

  test(`text that is lost in one way of showing colours only is seen on ${path}`, async ({ page }, info) => {
    await page.goto(path);
    await page.evaluate((all) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(all.map(([id, { query }]) => `@media ${query} { #${id} { forced-color-adjust: none; color: #777 !important; background: #777 !important; } }`).join(''));
      document.adoptedStyleSheets = [sheet];
      for (const [id] of all) document.querySelector('main').append(Object.assign(document.createElement('p'), { id, textContent: 'Can you read this?' }));
    }, Object.entries(schemes));
    const lost = async () => [...(await axe(page, info)).join('\n').matchAll(/color-contrast \(serious\) #(lost-\w+)/g)].map(([, id]) => id);
    expect(await lost()).toEqual([]);
    for (const [id, { set }] of Object.entries(schemes)) {
      await page.emulateMedia({ colorScheme: 'light', contrast: 'no-preference', forcedColors: 'none', ...set });
      expect(await lost()).toEqual([id]);
    }
  });

  test(`what forced colours lose is seen on ${path}`, async ({ page }) => {
    await page.setViewportSize(laptop);
    await page.goto(path);
    expect(await forcedColours(page)).toContain('the colours are not forced');
    await page.emulateMedia({ forcedColors: 'active', colorScheme: 'dark' });
    const before = await forcedColours(page);
    await page.evaluate(() => {
      const style = (element, name, value) => element.style.setProperty(name, value, 'important');
      const add = (html) => {
        document.querySelector('main').append(document.createRange().createContextualFragment(html));
        return document.querySelector('main').lastElementChild;
      };
      style(add('<p>Text in the colour of its ground</p>'), 'color', 'Canvas');
      for (const property of ['fill', 'stroke']) style(document.querySelector('.header-links').appendChild(document.querySelector('.mark').cloneNode(true)), property, 'Canvas');
      for (const part of document.querySelectorAll('.header-links .mark *')) for (const property of ['fill', 'stroke']) style(part, property, 'Canvas');
      style(add('<p>Words with a <a href="/link-without-line/">link</a> in them</p>').querySelector('a'), 'text-decoration', 'none');
      style(add('<p><a href="/link-without-ring/">link</a></p>').querySelector('a'), 'outline', 'none');
      style(add('<p><a href="/link-with-black-ring/">link</a></p>').querySelector('a'), 'outline-color', 'Canvas');
      const nav = add('<nav><a href="/one/">One</a> <a href="/two/" aria-current="page">Two</a></nav>');
      nav.querySelectorAll('a').forEach((link) => {
        style(link, 'font-weight', '400');
        style(link, 'text-decoration', 'underline');
      });
    });
    const now = (await forcedColours(page)).filter((finding) => !before.includes(finding)).join('\n');
    expect(now).toMatch(/text in <p> “Text in the colour of its ground” can't be seen/);
    expect(now).toMatch(/icon in <p> .* can't be seen/);
    expect(now).toMatch(/link-without-line\/\) has neither an underline nor a border/);
    expect(now).toMatch(/link-without-ring\/\) has no visible focus ring/);
    expect(now).toMatch(/link-with-black-ring\/\) has no visible focus ring/);
    expect(now).toMatch(/two\/\) is marked as the current page by nothing but colour/);
  });

  test(`headings, names and languages that mislead are seen on ${path}`, async ({ page }) => {
    await page.goto(path);
    expect(await headings(page)).toEqual([]);
    expect((await languages(page, 'es')).join()).toContain('<html lang="en"> on a page in "es"');
    await page.evaluate(() => {
      const main = document.querySelector('main');
      main.append(document.createElement('h1'), document.createElement('section'));
      main.querySelector('section[aria-labelledby]').setAttribute('aria-labelledby', 'nowhere');
      main.append(Object.assign(document.createElement('h4'), { textContent: 'Two levels down' }));
      main.append(Object.assign(document.createElement('a'), { href: '/es/', hreflang: 'es', textContent: 'Español' }));
      main.append(Object.assign(document.createElement('p'), { lang: 'e_', textContent: 'Which language?' }));
    });
    const found = [...(await headings(page)), ...(await languages(page, 'en'))].join('\n');
    for (const finding of ['there are 2 h1', 'an <h1> is empty', '<h4> “Two levels down” comes after an <h1>', '<section class=""> has no name', 'leads to a page in "es"', 'lang="e_" is no language']) expect(found).toContain(finding);
    expect(found.match(/has no name/g)).toHaveLength(2);
  });

  test(`a trap for the keyboard, and a stop out of order, are seen on ${path}`, async ({ page }) => {
    await page.goto(path);
    await page.locator('main a').last().evaluate((link) => (link.tabIndex = 1));
    const { expected, reached } = await walk(page);
    expect(reached).not.toEqual(expected);
    await page.goto(path);
    await page.evaluate(() => document.querySelector('main a').addEventListener('blur', ({ target }) => target.focus()));
    expect((await walk(page)).wrong).toContain('Tab never leaves the page');
  });

  test(`motion is seen on ${path}`, async ({ page }) => {
    await page.goto(path);
    expect(await motion(page)).toEqual([]);
    await page.evaluate(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync('@keyframes sway { to { rotate: 3deg } } h1 { animation: sway 9s infinite } a { transition: color 1s } html { scroll-behavior: smooth } @view-transition { navigation: auto; }');
      document.adoptedStyleSheets = [sheet];
    });
    const found = (await motion(page)).join('\n');
    for (const finding of ['an animation runs: sway', '<h1 class=""> is animated', 'has a transition of color', 'scrolls smoothly', 'view transition']) expect(found).toContain(finding);
  });

  test(`a change of what a screen reader is told is seen on ${path}`, async ({ page }) => {
    await page.goto(path);
    const before = await transcript(page);
    await page.evaluate(() => document.querySelector('.skip').setAttribute('aria-label', 'Click here'));
    const after = await transcript(page);
    expect(before).not.toContain('Click here');
    expect(after).toContain('link: Click here');
    await page.evaluate(() => document.querySelector('main').setAttribute('aria-hidden', 'true'));
    expect(await transcript(page)).not.toContain('heading 1');
  });
}

test('a page that is too heavy, asks too often or comes uncompressed is seen', () => {
  const part = { kind: 'page', url: '/', bytes: 3_500, encoding: 'br' };
  expect(overweight([part, part, part])).toEqual([]);
  expect(overweight([part, part, part, part]).join()).toContain('4 requests');
  expect(overweight([{ ...part, bytes: 14_001 }]).join()).toContain('1 too many');
  expect(overweight([{ ...part, encoding: 'none' }]).join()).toContain('not with brotli');
});

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

  test('text that has room only until a reader spaces it out is seen', async ({ page }) => {
    await page.locator('main p').first().evaluate((text) => {
      text.style.setProperty('height', `${text.offsetHeight}px`);
      text.style.setProperty('overflow', 'hidden');
    });
    expect(await clipped(page)).toEqual([]);
    await spaceOut(page);
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
    const [before] = await contrastOnScreen(page, ['h1']);
    expect(before.ratio).toBeGreaterThanOrEqual(before.needed);
    await page.locator('h1').evaluate((heading) => heading.style.setProperty('background', 'linear-gradient(90deg, #fff, #000)'));
    const [after] = await contrastOnScreen(page, ['h1']);
    expect(after.ratio).toBeLessThan(2);
    // As far down as there is, and among so many places that the page is taken as a whole.
    const last = await page.locator('.foot a').filter({ visible: true }).last().evaluate((element) => {
      for (const [name, value] of Object.entries({ color: '#777', background: 'linear-gradient(90deg, #777, #777)' })) element.style.setProperty(name, value, 'important');
      return Object.assign(element, { id: 'last' }).id;
    });
    for (const others of [[], ['h1'], [...Array(9)].map((_, at) => `main > :nth-child(${at + 1})`)]) {
      const there = await page.evaluate((all) => all.filter((one) => document.querySelector(one)), others);
      expect((await contrastOnScreen(page, [...there, `#${last}`])).at(-1).ratio, `${there.length} others`).toBeLessThan(1.1);
    }
    // The colour of the text counts, not only what is behind it.
    await page.locator('h1').evaluate((heading) => {
      heading.style.setProperty('background', '#000');
      heading.style.setProperty('padding', '1em');
      heading.style.setProperty('color', '#fff');
    });
    expect((await contrastOnScreen(page, ['h1']))[0].ratio).toBeCloseTo(21, 1);
  });
});

test('a test can’t set for good what the next one finds in the same tab', async ({ page, context }) => {
  for (const name of ['clock', 'addInitScript', 'setExtraHTTPHeaders']) expect(() => page[name], name).toThrow('take `fresh`');
  for (const name of ['clock', 'grantPermissions', 'addCookies', 'setOffline']) expect(() => context[name], name).toThrow('take `fresh`');
});

test.describe('in one tab', () => {
  test.describe.configure({ mode: 'serial' });
  const link = (page) => page.locator('main a').first();
  const looks = (page) => link(page).evaluate((element) => element.matches(':hover'));

  test('a pointer is left on a link', async ({ page }) => {
    await page.goto('/group-therapy/');
    await link(page).hover();
    expect(await looks(page)).toBe(true);
  });

  test('and is not on that of the next test', async ({ page }) => {
    await page.goto('/group-therapy/');
    await link(page).evaluate((element) => element.scrollIntoView({ block: 'center', behavior: 'instant' }));
    await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));
    expect(await looks(page)).toBe(false);
  });
});
