// Lighthouse on every page of a published site, as a phone and as a desktop: npm run lighthouse -- [PATH…]
// Prints a Markdown table; exits 1 when any figure is below 100, and says what cost the points.
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { launch } from 'chrome-launcher';
import lighthouse from 'lighthouse';
import desktop from 'lighthouse/core/config/desktop-config.js';
import { chromium } from '../browser/chromium.js';
import { publishable, serve, sitemap } from '../browser/server.js';

const figures = ['performance', 'accessibility', 'best-practices', 'seo'];
const devices = { mobile: undefined, desktop };

// A preview asks search engines to stay away, which costs points: this is a published site, so it must know its address beforehand.
const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});
const content = await publishable();
let site;
let browser;

/** Lighthouse's figures for a page. On a busy machine the browser loses a trace now and then: that says nothing of the page, so it is taken again. */
async function look(url, config, left = 3) {
  const { lhr } = await lighthouse(url, { port: browser.port, onlyCategories: figures, logLevel: 'error' }, config);
  if (!lhr.runtimeError) return lhr;
  if (left === 1) throw new Error(`${url}: ${lhr.runtimeError.message}`);
  return look(url, config, left - 1);
}

let low = 0;
try {
  site = await serve('--listen', `127.0.0.1:${port}`, '--content', content, '--public-url', `http://127.0.0.1:${port}`);
  const all = await sitemap(site.url);
  const asked = process.argv.slice(2);
  const unknown = asked.filter((path) => !all.includes(path));
  if (unknown.length > 0) throw new Error(`not in the sitemap: ${unknown.join(' ')}`);
  browser = await launch({ chromePath: chromium.executablePath, chromeFlags: ['--headless=new', ...chromium.args], logLevel: 'error' });
  // The first run of a fresh browser is slower than any visitor's: it doesn't count.
  await lighthouse(site.url, { port: browser.port, onlyCategories: ['performance'], logLevel: 'error' });
  const costs = [];
  console.log(`| page | ${Object.keys(devices).flatMap((device) => figures.map((figure) => `${device} ${figure}`)).join(' | ')} |`);
  console.log(`|---|${'--:|'.repeat(Object.keys(devices).length * figures.length)}`);
  for (const path of asked.length > 0 ? asked : all) {
    const cells = [];
    for (const [device, config] of Object.entries(devices)) {
      const lhr = await look(new URL(path, site.url).href, config);
      for (const figure of figures) {
        const { score, auditRefs } = lhr.categories[figure];
        cells.push(score === null ? 'none' : Math.round(score * 100));
        if (score === 1) continue;
        low += 1;
        for (const { id, weight } of auditRefs) {
          const { score: part, scoreDisplayMode, title, displayValue, explanation, details } = lhr.audits[id];
          if (weight === 0 || part === null || part === 1 || ['notApplicable', 'manual', 'informative'].includes(scoreDisplayMode)) continue;
          const where = (details?.items ?? []).slice(0, 3).map((item) => item.node?.snippet ?? item.description ?? item.source ?? item.url ?? '').join(' ');
          costs.push(`- ${path} ${device} ${figure}: ${id} ${Math.round(part * 100)} (weight ${weight}): ${[title, displayValue, explanation, where].filter(Boolean).join('; ')}`);
        }
      }
    }
    console.log(`| ${path} | ${cells.join(' | ')} |`);
  }
  if (costs.length > 0) console.log(`\nWhat costs points:\n\n${costs.join('\n')}`);
} finally {
  await browser?.kill();
  await site?.stop();
  await rm(content, { recursive: true });
}
process.exitCode = low > 0 ? 1 : 0;
