import { defineConfig } from '@playwright/test';
import { chromium } from './chromium.js';
import { target } from './server.js';

export default defineConfig({
  testDir: 'specs',
  outputDir: `${target}/browser/failures`,
  globalSetup: './setup.js',
  fullyParallel: true,
  workers: 2,
  // A test that passes the second time is a broken test: it is mended, not repeated.
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  // On a machine that does other things too; a test alone takes seconds.
  timeout: 120_000,
  globalTimeout: 20 * 60_000,
  // `tests/run` reads the counts from the JSON file.
  reporter: [['list'], ['json', { outputFile: `${target}/browser/results.json` }], ['./reporter.js']],
  use: {
    launchOptions: chromium,
    locale: 'en-US',
    timezoneId: 'America/Los_Angeles',
    colorScheme: 'light',
    // Not an option of its own in Playwright, which ignores what it doesn't know.
    contextOptions: { reducedMotion: 'reduce' },
    trace: 'off',
    screenshot: 'only-on-failure',
  },
});
