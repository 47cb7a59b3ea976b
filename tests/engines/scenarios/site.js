// The site's pages as visitors meet them.
import * as check from '../checks.js';
import { smallTargets } from '../../browser/checks/layout.js';
import { until } from '../engines/tab.js';
import { motion } from '../../browser/checks/motion.js';

export const phone = { width: 320, height: 640 };
export const laptop = { width: 1280, height: 800 };

/** One of each kind, and the pages that matter most; in both languages. */
const pages = ['/', '/group-therapy/', '/get-help-now/', '/appointments/', '/accessibility/', '/es/', '/es/vida-en-tratamiento/', '/es/citas/'];

/** Every page, at both widths. */
async function everyPage(tab, site, look) {
  const findings = [];
  for (const size of [phone, laptop]) {
    await tab.size(size.width, size.height);
    for (const path of pages) {
      await tab.go(new URL(path, site.url));
      findings.push(...(await look(path, size)).map((finding) => `${path} at ${size.width} px: ${finding}`));
    }
  }
  return findings;
}

const colors = (dark) => ({
  name: `first visit, ${dark ? 'dark' : 'light'}`,
  look: { ...phone, dark },
  run: (tab, site) => everyPage(tab, site, async (path, size) => [
    ...(await check.style(tab, dark)),
    ...(await check.layout(tab)),
    ...(await check.current(tab)),
    ...(/^\/(es\/)?$/.test(path) ? await check.picture(tab, dark) : []),
    ...(path === '/group-therapy/' && size === laptop && !dark ? await check.sun(tab) : []),
    ...(path === '/group-therapy/' ? await check.icons(tab) : []),
  ]),
});

export const scenarios = [
  colors(false),
  colors(true),
  {
    name: 'targets for a thumb',
    look: phone,
    run: (tab, site) => everyPage(tab, site, () => smallTargets(tab)),
  },
  {
    name: 'keyboard: skip link, and a visible focus',
    look: laptop,
    async run(tab, site) {
      await tab.go(new URL('/group-therapy/', site.url));
      await tab.press('Tab');
      const skip = await tab.evaluate(() => {
        const { left, top } = document.activeElement.getBoundingClientRect();
        return { is: document.activeElement.className, seen: left >= 0 && top >= 0, outline: getComputedStyle(document.activeElement).outlineStyle };
      });
      if (skip.is !== 'skip') return [`the first stop is ${skip.is || 'nothing'}`];
      const findings = [];
      if (!skip.seen || skip.outline !== 'solid') findings.push(`the skip link has the outline ${skip.outline} and is ${skip.seen ? '' : 'not '}seen`);
      await tab.press('Enter');
      await tab.press('Tab');
      const next = await tab.evaluate(() => ({ inside: document.activeElement.closest('main') !== null, outline: getComputedStyle(document.activeElement).outlineStyle }));
      if (!next.inside) findings.push('after the skip link, the next stop is not in <main>');
      if (next.outline !== 'solid') findings.push(`the next stop has the outline ${next.outline}`);
      return findings;
    },
  },
  {
    name: 'language switch keeps the place',
    // While one page fades into the next, Chromium takes no click.
    look: { ...phone, lessMotion: true },
    async run(tab, site) {
      const findings = [];
      await tab.go(new URL('/group-therapy/', site.url));
      const other = await tab.evaluate(() => document.querySelector('link[hreflang=es]').getAttribute('href'));
      for (const [lang, path] of [['es', new URL(other, site.url).pathname], ['en', '/group-therapy/']]) {
        await tab.click(`.header-links a[hreflang=${lang}]`);
        await until(`a page in "${lang}"`, async () => (await tab.evaluate(() => document.documentElement.lang)) === lang);
        const at = await tab.evaluate(() => location.pathname);
        if (at !== path) findings.push(`to "${lang}" leads to ${at}, not to ${path}`);
      }
      return findings;
    },
  },
  {
    name: 'print style',
    look: { width: 695, height: 900, dark: true },
    async run(tab, site) {
      const findings = [];
      for (const path of ['/', '/group-therapy/', '/es/vida-en-tratamiento/', '/appointments/']) {
        await tab.go(new URL(path, site.url));
        findings.push(...(await check.paper(tab, path)).map((finding) => `${path}: ${finding}`));
      }
      return findings;
    },
  },
  {
    name: 'sheets of paper',
    needs: 'paper',
    look: { ...laptop, dark: true },
    async run(tab, site) {
      const findings = [];
      for (const path of ['/', '/group-therapy/', '/es/vida-en-tratamiento/', '/appointments/']) {
        await tab.go(new URL(path, site.url));
        const sheets = check.sheets(await tab.pdf());
        if (sheets < 1 || sheets > 2) findings.push(`${path} has ${sheets} Letter sheets`);
      }
      return findings;
    },
  },
  {
    name: 'less motion',
    look: { ...laptop, lessMotion: true },
    async run(tab, site) {
      await tab.go(site.url);
      if (!(await tab.evaluate(() => matchMedia('(prefers-reduced-motion: reduce)').matches))) return ['the engine does not tell the page of it'];
      return motion(tab);
    },
  },
  {
    name: 'forced colors',
    needs: 'forced colors',
    look: { ...phone, forcedColors: true },
    run: (tab, site) => everyPage(tab, site, async () => [...(await check.forced(tab)), ...(await check.layout(tab))]),
  },
  {
    name: 'without script',
    look: { ...phone, script: false },
    async run(tab, site) {
      // The switch works: a page of our own tells.
      await tab.go('data:text/html,<title>off</title><script>document.title = "on"</script>');
      if ((await tab.evaluate(() => document.title)) !== 'off') return ['scripts run'];
      return everyPage(tab, site, async (path) => {
        const words = await tab.evaluate(() => document.querySelector('main').innerText);
        return [...(words.length < 300 ? [`${path} has ${words.length} characters`] : []), ...(await check.layout(tab))];
      });
    },
  },
];
