// A preview that follows its folder: a save is on the open page, a mistake is told on it, and mending the file is enough.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect as playwright, test } from '@playwright/test';
import { axe } from '../checks/axe.js';
import { content, serve } from '../server.js';

// A debug build on a busy machine takes its time.
const expect = playwright.configure({ timeout: 20_000 });
test.setTimeout(90_000);

let folder;
let site;

test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clinic-site-'));
  await cp(content, folder, { recursive: true });
  site = await serve('--content', folder);
});

test.afterEach(async () => {
  await site.stop();
  await rm(folder, { recursive: true });
});

const edit = async (from, to) => {
  const file = join(folder, 'en/pages/medicare.toml');
  const text = await readFile(file, 'utf8');
  expect(text).toContain(from);
  await writeFile(file, text.replace(from, to));
};

test('the open page follows a save, shows a mistake where it is, and is clean again when it is mended', async ({ page }, info) => {
  const refused = [];
  page.on('console', (message) => refused.push(message.text()));
  page.on('pageerror', (error) => refused.push(error.message));
  await page.goto(new URL('/medicare/', site.url).href);
  const panel = page.locator('#preview-findings');
  await expect(panel).not.toContainText('error');

  await edit('heading = "What Medicare pays for"', 'heading = "What it pays for"');
  await expect(page.getByRole('heading', { name: 'What it pays for' })).toBeVisible();

  await edit('heading = "What it pays for"', 'heading = “What it pays for”');
  await expect(panel).toContainText('curly quotes');
  await expect(panel).toContainText('en/pages/medicare.toml:');
  await expect(panel.locator('pre').first()).toContainText('^');
  await expect(panel).toContainText('Help: ');
  await expect(page.getByRole('heading', { name: 'What it pays for' })).toBeVisible();
  expect(await axe(page, info, { within: '#preview-findings' })).toEqual([]);

  await edit('heading = “What it pays for”', 'heading = "What Medicare covers"');
  await expect(page.getByRole('heading', { name: 'What Medicare covers' })).toBeVisible();
  await expect(panel).not.toContainText('error');
  expect(refused).toEqual([]);
});

/** Whether all of an element is within the window, and nothing of the page is drawn over its middle. */
const inSight = (element) =>
  element.evaluate((node) => {
    const { top, right, bottom, left } = node.getBoundingClientRect();
    const above = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    return top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth && node.contains(above);
  });

for (const width of [320, 1280]) {
  test(`at ${width} px findings are in sight from the foot of a long page, counted in the title, with their page`, async ({ page }, info) => {
    await page.setViewportSize({ width, height: 640 });
    await page.goto(new URL('/group-therapy/', site.url).href);
    const panel = page.locator('#preview-findings');
    // The warnings of the samples: the page follows.
    await expect(page).toHaveTitle(/^\(\d+ warnings\) /);
    const title = await page.title();
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await edit('slug = "medicare"', 'slog = "medicare"');
    await expect(panel).toContainText('did you mean `slug`?');
    expect(await page.evaluate(() => scrollY), 'the page is at its foot').toBeGreaterThan(2000);
    expect(await inSight(panel)).toBe(true);
    expect(await page.title()).toMatch(/^\(1 error(, \d+ warnings?)?\) /);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), 'nothing makes the page wider').toBe(width);
    expect(await panel.evaluate((node) => node.scrollWidth - node.clientWidth), 'nothing is cut at its side').toBe(0);
    const first = panel.locator('li').first();
    await expect(first.getByRole('link')).toHaveAttribute('href', '/medicare/');
    expect(await axe(page, info, { within: '#preview-findings' })).toEqual([]);
    await info.attach(`findings-${width}`, { body: await page.screenshot(), contentType: 'image/png' });

    // It gets out of the way, and stays so.
    await panel.getByText('Details').click();
    await expect(first).toBeHidden();
    expect((await panel.boundingBox()).height).toBeLessThan(170);
    await edit('slog = "medicare"', 'slog = "medicare-pays"');
    await expect(first).toBeHidden();
    await edit('slog = "medicare-pays"', 'slug = "medicare"');
    await expect(page).toHaveTitle(title);
  });
}

test('a warning has its place too, with the page it belongs to', async ({ page }, info) => {
  // A page that is due to be read again: a warning, which keeps nothing from being shown.
  await edit(/^(?:last|next)_review(?:ed)? = .*\n(?:last|next)_review(?:ed)? = .*$/m.exec(await readFile(join(folder, 'en/pages/medicare.toml'), 'utf8'))[0], 'last_reviewed = 2025-01-01\nnext_review = 2025-06-01');
  await page.goto(new URL('/medicare/', site.url).href);
  const panel = page.locator('#preview-findings');
  await expect(page).toHaveTitle(/^\(\d+ warnings?\) /);
  // The page may have come before the edit was read; then it is loaded again.
  await expect(panel).toContainText('2025-06-01');
  await page.waitForLoadState();
  const first = panel.locator('li').first();
  await expect(async () => {
    await page.reload();
    await expect(panel).toContainText('2025-06-01');
    await expect(first, 'closed, as nothing is broken').toBeHidden();
    await panel.getByText('Details').click();
    await expect(first.getByRole('link'), 'those of this page come first').toHaveAttribute('href', '/medicare/');
    expect(await inSight(panel)).toBe(true);
    expect(await axe(page, info, { within: '#preview-findings' })).toEqual([]);
  }).toPass();
});

test('the banner shows the site of another time, and leads back to now', async ({ page }, info) => {
  const notices = join(folder, 'en/notices.toml');
  const christmas = '[[notices]]\nabout = "closure"\ntext = "Closed for Christmas."\nstarts = 2031-12-25\nends = 2031-12-25\n\n[[notices]]\nabout = "information"\ntext = "The file was read."\n';
  await writeFile(notices, `${await readFile(notices, 'utf8')}\n${christmas}`);
  await page.goto(new URL('/medicare/', site.url).href);
  await expect(page.getByText('The file was read.')).toBeVisible();
  await page.getByLabel('See the site of').fill('2031-12-25T09:00');
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(page.getByText('Closed for Christmas.')).toBeVisible();
  expect(new URL(page.url()).pathname).toBe('/medicare/');
  await expect(page.locator('.preview')).toContainText('December 25, 2031, 9');
  expect(await axe(page, info, { within: 'header' })).toEqual([]);
  await page.getByRole('button', { name: 'Back to now' }).click();
  await expect(page.getByText('Closed for Christmas.')).toHaveCount(0);
  await expect(page.locator('.preview')).not.toContainText('2031');
});

test('a page that is busy while the answer comes is not loaded again', async ({ page }) => {
  await page.goto(new URL('/medicare/', site.url).href);
  await expect(page).toHaveTitle(/^\(\d+ warnings\) /);
  await page.evaluate(() => (window.isTheFirst = true));
  const busy = page.evaluate(() => {
    const end = performance.now() + 8000;
    while (performance.now() < end);
  });
  await edit('slug = "medicare"', 'slog = "medicare"');
  await busy;
  await expect(page.locator('#preview-findings')).toContainText('did you mean `slug`?');
  expect(await page.evaluate(() => window.isTheFirst)).toBe(true);
});

test('a page that is opened while there is a mistake tells it too', async ({ page }) => {
  await edit('slug = "medicare"', 'slog = "medicare"');
  await page.goto(new URL('/contact/', site.url).href);
  await expect(page.locator('#preview-findings')).toContainText('did you mean `slug`?');
});
