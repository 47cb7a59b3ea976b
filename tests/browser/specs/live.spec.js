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
  await expect(panel).toBeEmpty();

  await edit('heading = "What Medicare pays for"', 'heading = "What it pays for"');
  await expect(page.getByRole('heading', { name: 'What it pays for' })).toBeVisible();

  await edit('heading = "What it pays for"', 'heading = “What it pays for”');
  await expect(panel).toContainText('curly quotes');
  await expect(panel).toContainText('en/pages/medicare.toml:');
  await expect(panel.locator('pre')).toContainText('^');
  await expect(panel).toContainText('Help: ');
  await expect(page.getByRole('heading', { name: 'What it pays for' })).toBeVisible();
  expect(await axe(page, info, { within: '#preview-findings' })).toEqual([]);

  await edit('heading = “What it pays for”', 'heading = "What Medicare covers"');
  await expect(page.getByRole('heading', { name: 'What Medicare covers' })).toBeVisible();
  await expect(panel).toBeEmpty();
  expect(refused).toEqual([]);
});

test('a page that is opened while there is a mistake tells it too', async ({ page }) => {
  await edit('slug = "medicare"', 'slog = "medicare"');
  await page.goto(new URL('/contact/', site.url).href);
  await expect(page.locator('#preview-findings')).toContainText('did you mean `slug`?');
});
