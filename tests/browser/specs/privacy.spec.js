// Rule 1 of the product: nothing leaves for a third party; no cookie, no storage, no script needed.
import { everyPage, expect, missing, none, test } from '../site.js';

for (const path of everyPage) {
  test(`${path} asks nobody else for anything and leaves nothing behind`, async ({ page, context, baseURL }) => {
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
    await page.goto(path, { waitUntil: 'networkidle' });

    const origin = new URL(baseURL).origin;
    for (const url of requests) if (new URL(url).origin !== origin) findings.push(`asked ${url}`);
    if (requests.length > 3) findings.push(`${requests.length} requests: ${requests.join(' ')}`);
    for (const { name } of await context.cookies()) findings.push(`cookie ${name}`);
    const kept = await page.evaluate(async () => ({
      local: localStorage.length,
      session: sessionStorage.length,
      databases: (await indexedDB.databases()).length,
      caches: (await caches.keys()).length,
      workers: (await navigator.serviceWorker.getRegistrations()).length,
    }));
    for (const [kind, count] of Object.entries(kept)) if (count > 0) findings.push(`${count} in ${kind}`);
    none(findings);
  });

  test(`${path} reads the same without JavaScript`, async ({ browser, baseURL, page }) => {
    await page.goto(path);
    const withScript = await page.locator('body').innerText();
    const context = await browser.newContext({ baseURL, javaScriptEnabled: false });
    const plain = await context.newPage();
    await plain.goto(path);
    expect(await plain.locator('body').innerText()).toBe(withScript);
    await context.close();
  });
}
