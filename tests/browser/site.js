// What every spec starts from: `test` with the site's address, the site's pages, and `none`.
import { test as base } from '@playwright/test';
import { plain } from './checks/looks.js';

export { expect } from '@playwright/test';

/** What Playwright can't take back from a tab, or from its context. A clock that a test sets would be that of the next test's page too. */
const lasting = ['clock', 'addInitScript', 'exposeBinding', 'exposeFunction', 'routeWebSocket', 'setExtraHTTPHeaders', 'setGeolocation', 'setOffline', 'grantPermissions', 'addCookies'];

/** For what a browser keeps, or is set to for good: a new tab for each test, as Playwright has it. */
export const fresh = base.extend({
  baseURL: async ({}, use) => use(process.env.CLINIC_TEST_URL),
  // Of both kinds of test, so that they run in the same workers; opened when the first test of `test` asks for it.
  tab: [async ({ browser }, use, { project }) => {
    const { locale, timezoneId, contextOptions } = project.use;
    const context = await browser.newContext({ ...contextOptions, locale, timezoneId, baseURL: process.env.CLINIC_TEST_URL });
    const tab = await context.newPage();
    for (const [owner, object] of Object.entries({ page: tab, context })) {
      for (const name of lasting.filter((one) => one in object)) {
        Object.defineProperty(object, name, { get: () => { throw new Error(`${owner}.${name} lasts as long as the tab, which other tests share: take \`fresh\` in the place of \`test\``); } });
      }
    }
    await use(tab);
    await context.close();
  }, { scope: 'worker' }],
});

/** For what a page is: the tests of a worker share one tab, which each gets as a new one would be. To open one takes longer than most tests. */
export const test = fresh.extend({
  context: async ({ tab }, use) => use(tab.context()),
  // What is left of the test before goes when this one opens its first page.
  page: async ({ tab, viewport, contextOptions }, use) => {
    await tab.bringToFront();
    // Where a click was is no place of this test's page: what is under a pointer looks otherwise.
    await tab.mouse.move(-1, -1);
    await tab.setViewportSize(viewport);
    await tab.emulateMedia({ media: null, ...plain, ...contextOptions });
    await use(tab);
    tab.removeAllListeners();
    await tab.unrouteAll({ behavior: 'ignoreErrors' });
  },
});

/** Every page of the sitemap (set by setup.js; `--list` runs without it). */
export const pages = JSON.parse(process.env.CLINIC_TEST_PAGES ?? '["/"]');

/** A visitor meets the error page too, in each language: below `/`, `/es/`. */
export const missing = pages.filter((path) => /^\/([a-z]{2}\/)?$/.test(path)).map((root) => `${root}no-such-page/`);
export const everyPage = [...pages, ...missing];

/** The language that a path stands for: English at `/`, others under their own code. */
export const languageOf = (path) => path.match(/^\/([a-z]{2})\//)?.[1] ?? 'en';

/** A cheap phone, and a common laptop. */
export const phone = { width: 360, height: 740 };
export const laptop = { width: 1280, height: 800 };

/** Both, in that order. */
export const windows = { phone, laptop };

/**
 * Notes for the statement (reporter.js) what a check looked at: these pages, so many times in all. Gives the findings back, for `none`.
 */
export function tell({ annotations }, id, pages, looks, findings, tool) {
  const note = { id, pages: [pages].flat(), looks, findings: new Set(findings).size, tool };
  annotations.push({ type: 'check', description: JSON.stringify(note) });
  return findings;
}

/** Fails with one line a finding, as a compiler would, if there is any. */
export function none(findings) {
  const lines = [...new Set(findings)];
  if (lines.length === 0) return;
  const error = new Error(`${lines.length} found\n\n${lines.slice(0, 30).join('\n')}\n`);
  error.stack = error.message;
  throw error;
}
