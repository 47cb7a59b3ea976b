// The form for an appointment as visitors meet it: without script, with their mistakes, with our own troubles, and when it went well.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { axe } from '../checks/axe.js';
import { forcedColours } from '../checks/forced-colours.js';
import { walk } from '../checks/keyboard.js';
import { clipped, sideways, smallTargets } from '../checks/layout.js';
import { looks, plain } from '../checks/looks.js';
import { binary, environment, serve } from '../server.js';
import { expect, none, phone, test, windows } from '../site.js';

const forms = { en: '/appointments/', es: '/es/citas/' };
/** The address of the page that says a request is kept; browsers leave the anchor that the form was sent to at its end. */
const kept = /\/([0-9A-Z]{4}-[0-9A-Z]{4})\/(#\w+)?$/;
const typed = { name: 'Zebulon Quill', phone: '916-555-0142', note: 'Xylophone <b>"quoted"</b>' };
// Any public key will do where nobody reads what is kept.
const key = 'age13ruk68fcvkvp8v7w5wdm9ms2u0ttu0hk9hlltdt3hsxjhfm69erqkwvxaq';

let good, limited, away;
test.beforeAll(async () => {
  [good, limited, away] = await Promise.all([
    serve(),
    serve('--network-limit', '1'),
    // A store that can't be opened: the folder would have to be inside a file.
    serve('--staff-key', key, '--data-dir', '/etc/hostname/data'),
  ]);
});
test.afterAll(() => Promise.all([good, limited, away].map((site) => site.stop())));

/** Fills the form in and sends it; the page that comes back is open then. */
async function send(page, site, path, values) {
  await page.goto(new URL(path, site.url).href);
  for (const [name, value] of Object.entries(values)) await page.locator(`form [name=${name}]`).fill(value);
  await page.locator('form button').click();
  await page.waitForLoadState();
}

/** Brings a page into each state that a form can come back in. */
const states = {
  mistakes: async (page, path) => send(page, good, path, { note: typed.note }),
  'a wrong number': async (page, path) => send(page, good, path, { ...typed, phone: '555-0142' }),
  'a store that is away': async (page, path) => send(page, away, path, typed),
  'too many requests': async (page, path) => {
    await send(page, limited, path, typed);
    await send(page, limited, path, { ...typed, name: 'Bartholomew' });
  },
  'a request that was kept': async (page, path) => send(page, good, path, typed),
};

// What the others show, these two show too: the summary, a field with its mistake, and the page of a request. Colors are those of every language.
const complete = ['mistakes', 'a request that was kept'];

for (const [lang, path] of Object.entries(forms)) {
  for (const [state, reach] of Object.entries(states)) {
    test(`${path} has no barrier with ${state}`, async ({ page }, info) => {
      const findings = [];
      await reach(page, path);
      await expect(page.locator('html')).toHaveAttribute('lang', lang);
      for (const { width, name, media } of looks(lang === 'en' && complete.includes(state))) {
        await page.setViewportSize({ width, height: 800 });
        await page.emulateMedia({ ...plain, ...media });
        const found = [...(await axe(page, info)), ...(await sideways(page)), ...(await clipped(page))];
        if (media.forcedColors) found.push(...(await forcedColours(page)));
        findings.push(...found.map((finding) => `${width} ${name}: ${finding}`));
      }
      await page.emulateMedia(plain);
      for (const [name, viewport] of Object.entries(windows)) {
        await page.setViewportSize(viewport);
        findings.push(...(await smallTargets(page)).map((finding) => `${name}, target: ${finding}`));
      }
      none(findings);
    });
  }

  test(`the form on ${path} is filled in by keyboard alone, and a mistake is found by it`, async ({ page }) => {
    await page.setViewportSize(phone);
    await page.goto(new URL(path, good.url).href);
    const { expected, reached, wrong } = await walk(page);
    none(wrong);
    expect(reached).toEqual(expected);

    await page.goto(new URL(path, good.url).href);
    await page.locator('[name=name]').focus();
    await page.keyboard.type(typed.name);
    await page.keyboard.press('Enter');
    await page.waitForLoadState();
    const summary = page.locator('[role=alert]');
    await expect(summary).toBeInViewport();
    await expect(page).toHaveTitle(lang === 'en' ? /^Error/ : /^Error|^Corrija|^Hay/);
    await expect(page.locator('[name=name]')).toHaveValue(typed.name);
    // From the place that the address names, the next stop is the link to the mistake.
    await summary.locator('a').first().focus();
    await page.keyboard.press('Enter');
    const number = page.locator('[name=phone]');
    await expect(number).toBeFocused();
    await expect(number).toHaveAttribute('aria-invalid', 'true');
    await expect(number).toHaveAccessibleDescription(/Error: /);
    await page.keyboard.type(typed.phone);
    await page.keyboard.press('Enter');
    await page.waitForURL(kept);
  });

  test(`without JavaScript a request is sent from ${path}, kept, and read by staff alone`, async ({ browser }) => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(new URL(path, good.url).href);
    for (const [name, value] of Object.entries(typed)) await page.locator(`form [name=${name}]`).fill(`${value}${name === 'name' ? lang : ''}`);
    await page.locator('[name=message][value=discreet]').check();
    await page.locator('[name=times][value=evening]').check();
    await page.locator('[name=times][value=morning]').check();
    await page.locator('form button').click();
    await page.waitForURL(kept);
    const [, reference] = page.url().match(kept);
    await expect(page.locator('main')).toContainText(reference);
    await expect(page.locator('a[href="tel:988"]').first()).toBeVisible();
    for (const value of Object.values(typed)) await expect(page.locator('body')).not.toContainText(value);
    // Nothing of it stays in the browser, and a reload sends nothing again.
    expect(await context.cookies()).toEqual([]);
    await page.reload();
    await expect(page.locator('main')).toContainText(reference);
    await context.close();

    const staff = ['requests', 'show', reference, '--data-dir', join(good.data, 'preview'), '--identity', join(good.data, 'preview', 'preview-key.txt')];
    const { stdout } = await promisify(execFile)(binary, staff, { env: environment });
    for (const value of [`${typed.name}${lang}`, typed.phone, typed.note]) expect(stdout).toContain(value);
  });
}

test('what was typed stays in the form when it could not be kept', async ({ page }) => {
  for (const state of ['a store that is away', 'mistakes']) {
    await states[state](page, forms.en);
    await expect(page.locator('[name=note]')).toHaveValue(typed.note);
    await expect(page.locator('[role=alert]')).toBeVisible();
  }
});
