// Rule 1 of the product: nothing leaves for a third party; no cookie, no storage, no script needed.
import { firstVisit } from '../checks/weight.js';
import { everyPage, missing, none, tell, test } from '../site.js';

// Two tabs for all, one of them without JavaScript: to open one takes longer than to look at a page. What a page leaves in them is taken away after it, so
// that the next one finds them as if they were new.
let page, scriptless, devtools;
test.beforeAll(async ({ browser }, { project }) => {
  const { locale, timezoneId, contextOptions } = project.use;
  const open = async (options) => (await browser.newContext({ ...contextOptions, locale, timezoneId, ...options })).newPage();
  [page, scriptless] = [await open({}), await open({ javaScriptEnabled: false })];
  devtools = await page.context().newCDPSession(page);
});
test.afterEach(async ({ baseURL }) => {
  page.removeAllListeners();
  await page.context().clearCookies();
  await page.evaluate(() => sessionStorage.clear());
  await devtools.send('Network.clearBrowserCache');
  await devtools.send('Storage.clearDataForOrigin', { origin: new URL(baseURL).origin, storageTypes: 'all' });
});
test.afterAll(() => Promise.all([page, scriptless].map((one) => one.context().close())));

for (const path of everyPage) {
  test(`${path} asks nobody else for anything and leaves nothing behind, and reads the same without JavaScript`, async ({ baseURL }, info) => {
    const requests = [];
    const findings = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('pageerror', (error) => findings.push(`error in the page: ${error.message}`));
    page.on('console', (message) => {
      // Chromium reports the page's own status as a failed load.
      const own = missing.includes(path) && message.location().url === new URL(path, baseURL).href;
      if (!own) findings.push(`console ${message.type()}: ${message.text()}`);
    });
    page.on('requestfailed', (request) => findings.push(`failed: ${request.url()} ${request.failure().errorText}`));
    page.on('response', (response) => {
      if (response.headers()['set-cookie']) findings.push(`set-cookie from ${response.url()}`);
    });
    await Promise.all([page.goto(path, { waitUntil: 'networkidle' }), scriptless.goto(new URL(path, baseURL).href)]);

    const origin = new URL(baseURL).origin;
    for (const url of requests) if (new URL(url).origin !== origin) findings.push(`asked ${url}`);
    // What weight.spec.js counts is all that a browser asks for.
    const counted = (await firstVisit(new URL(path, baseURL).href)).map(({ url }) => url);
    for (const url of requests) if (!counted.includes(url)) findings.push(`asked ${url}, which the page does not name`);
    if (requests.length > 3) findings.push(`${requests.length} requests: ${requests.join(' ')}`);
    for (const { name } of await page.context().cookies()) findings.push(`cookie ${name}`);
    const kept = await page.evaluate(async () => ({
      local: localStorage.length,
      session: sessionStorage.length,
      databases: (await indexedDB.databases()).length,
      caches: (await caches.keys()).length,
      workers: (await navigator.serviceWorker.getRegistrations()).length,
    }));
    for (const [kind, count] of Object.entries(kept)) if (count > 0) findings.push(`${count} in ${kind}`);

    const [withScript, without] = await Promise.all([page, scriptless].map((one) => one.locator('body').innerText()));
    const lost = withScript.split('\n').filter((line) => !without.includes(line));
    const differs = withScript === without ? [] : [`${path} reads differently without JavaScript: ${lost.slice(0, 3).join(' / ') || 'there is more'}`];
    none([...tell(info, 'privacy', path, 1, findings), ...tell(info, 'no-script', path, 1, differs)]);
  });
}
