// Chromium and Firefox, driven by puppeteer-core: Chromium by its own protocol, Firefox by WebDriver BiDi.
import { execFileSync } from 'node:child_process';
import puppeteer from 'puppeteer-core';
import { chromium as system } from '../../browser/chromium.js';
import { folder } from './children.js';
import { Tab } from './tab.js';

/** A download in Firefox without a person to ask. */
const downloading = {
  'browser.download.folderList': 2,
  'browser.download.useDownloadDir': true,
  'browser.download.always_ask_before_handling_new_types': false,
};

class Page extends Tab {
  constructor(page, more) {
    super();
    Object.assign(this, { page }, more);
  }

  go = (url) => this.page.goto(String(url), { waitUntil: 'load' });
  url = async () => this.page.url();
  reload = () => this.page.reload();
  size = (width, height) => this.page.setViewport({ width, height });
  evaluate = (work, ...args) => this.page.evaluate(work, ...args);
  picture = async () => Buffer.from(await this.page.screenshot({ captureBeyondViewport: false }));
  pdf = async () => Buffer.from(await this.page.pdf({ preferCSSPageSize: true, printBackground: false }));
  press = (key) => this.page.keyboard.press(key);
  pointer = (x, y) => this.page.mouse.click(x, y);
  keys = (text) => this.page.keyboard.type(text);
  choose = async (selector, ...paths) => (await this.page.$(await this.there(selector))).uploadFile(...paths);
}

async function open(kind, { width, height, dark = false, script = true, forcedColors = false, lessMotion = false }) {
  const [profile, downloads] = await Promise.all([folder(kind), folder(`${kind}-downloads`)]);
  const options = {
    chromium: () => ({ executablePath: system.executablePath, args: system.args }),
    firefox: () => ({
      browser: 'firefox',
      executablePath: firefox.program,
      extraPrefsFirefox: {
        ...downloading,
        'browser.download.dir': downloads.path,
        'layout.css.prefers-color-scheme.content-override': dark ? 0 : 1,
        'javascript.enabled': script,
        'ui.prefersReducedMotion': lessMotion ? 1 : 0,
        ...(forcedColors && { 'browser.display.document_color_use': 2, 'ui.useAccessibilityTheme': 1 }),
      },
    }),
  };
  const browser = await puppeteer.launch({ ...options[kind](), headless: true, userDataDir: profile.path, defaultViewport: null });
  // The page that Firefox opens with never has the focus.
  const [first] = await browser.pages();
  const page = await browser.newPage();
  await first.close();
  await page.setViewport({ width, height });
  if (kind === 'chromium') {
    await page.setJavaScriptEnabled(script);
    const devtools = await page.createCDPSession();
    await devtools.send('Emulation.setEmulatedMedia', {
      features: [
        { name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' },
        { name: 'prefers-reduced-motion', value: lessMotion ? 'reduce' : 'no-preference' },
        ...(forcedColors ? [{ name: 'forced-colors', value: 'active' }] : []),
      ],
    });
    await devtools.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: downloads.path });
  }
  const close = async () => {
    await browser.close();
    await Promise.all([profile.remove(), downloads.remove()]);
  };
  return new Page(page, { downloads: downloads.path, close });
}

const version = (program, pattern) => execFileSync(program, ['--version', '--no-sandbox'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).match(pattern)?.[1] ?? '?';

export const chromium = {
  name: 'Chromium',
  version: () => version(system.executablePath, /Chromium (\d+)/),
  /** What a scenario may ask for and the engine or its driver doesn't have, with the reason. */
  cannot: {},
  open: (look) => open('chromium', look),
};

export const firefox = {
  name: 'Firefox',
  program: process.env.FIREFOX || '/usr/bin/firefox-esr',
  version: () => version(firefox.program, /Firefox (\d+)/),
  cannot: {},
  open: (look) => open('firefox', look),
};
