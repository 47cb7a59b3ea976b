// WebKit, as Debian builds it: plain WebDriver calls to WebKitWebDriver, which starts WebKitGTK's MiniBrowser on a screen in memory.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { folder, pause, start } from './children.js';
import { freePort } from './port.js';
import { Tab } from './tab.js';

/** The name of an element in an answer (W3C WebDriver, "Elements"). */
const element = 'element-6066-11e4-a52e-4f735466cecf';
const named = { Tab: '\uE004', Enter: '\uE006', Escape: '\uE00C' };

/** Nothing in MiniBrowser's own bar takes room, so that its window can be as narrow as a phone. */
const narrow = '* { padding: 0; margin: 0; border-width: 0; min-width: 0; min-height: 0; font-size: 1px; }';

class Page extends Tab {
  constructor(call, more) {
    super();
    Object.assign(this, { call }, more);
  }

  go = (url) => this.call('POST', '/url', { url: String(url) });
  url = () => this.call('GET', '/url');
  reload = () => this.call('POST', '/refresh', {});
  picture = async () => Buffer.from(await this.call('GET', '/screenshot'), 'base64');

  /** Makes the page so large: the window is larger by MiniBrowser's bar. */
  async size(width, height) {
    const wanted = [width, height];
    const window = [...wanted];
    for (const end = Date.now() + 5_000; ; await pause(50)) {
      await this.call('POST', '/window/rect', { x: 0, y: 0, width: window[0], height: window[1] });
      await pause(50);
      const is = await this.evaluate(() => [innerWidth, innerHeight]);
      if (is.join() === wanted.join()) return;
      if (Date.now() > end) throw new Error(`the page is ${is.join('×')} px, wanted ${wanted.join('×')}`);
      const outer = await this.evaluate(() => [outerWidth, outerHeight]);
      // Once the window is as large as was asked for, what is missing is its bar.
      if (outer.join() === window.join()) wanted.forEach((side, at) => (window[at] += side - is[at]));
    }
  }

  /** As puppeteer's: runs a function in the page, and gives what its promise gives. */
  async evaluate(work, ...args) {
    const script = `const done = arguments[arguments.length - 1];
      (async () => (${work})(...[].slice.call(arguments, 0, -1)))().then((value) => done({ value }), (error) => done({ error: String(error) }));`;
    const answer = await this.call('POST', '/execute/async', { script, args });
    if (answer.error) throw new Error(answer.error);
    return answer.value;
  }

  pointer(x, y) {
    const actions = [{ type: 'pointerMove', x: Math.round(x), y: Math.round(y) }, { type: 'pointerDown', button: 0 }, { type: 'pointerUp', button: 0 }];
    return this.call('POST', '/actions', { actions: [{ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions }] });
  }

  keys(text) {
    const actions = [...text].flatMap((value) => ['keyDown', 'keyUp'].map((type) => ({ type, value })));
    return this.call('POST', '/actions', { actions: [{ type: 'key', id: 'keyboard', actions }] });
  }

  press = (key) => this.keys(named[key] ?? key);

  async choose(selector, ...paths) {
    const found = await this.call('POST', '/element', { using: 'css selector', value: await this.there(selector) });
    await this.call('POST', `/element/${found[element]}/value`, { text: paths.join('\n') });
  }
}

async function open({ width, height, dark = false, script = true, lessMotion = false }) {
  const home = await folder('webkit');
  const settings = join(home.path, 'gtk-3.0');
  await mkdir(settings);
  await writeFile(join(settings, 'gtk.css'), narrow);
  await writeFile(join(settings, 'settings.ini'), `[Settings]\ngtk-enable-animations = ${lessMotion ? 0 : 1}\n`);
  const screen = start('Xvfb', ['-displayfd', '1', '-screen', '0', '1400x1400x24', '-nolisten', 'tcp']);
  const [display] = await once(createInterface({ input: screen.child.stdout }), 'line');
  const port = await freePort();
  const driver = start('WebKitWebDriver', [`--port=${port}`], {
    env: {
      PATH: process.env.PATH,
      LANG: 'C.UTF-8',
      DISPLAY: `:${display}`,
      GDK_BACKEND: 'x11',
      HOME: home.path,
      ...Object.fromEntries(['CONFIG', 'DATA', 'CACHE'].map((kind) => [`XDG_${kind}_HOME`, home.path])),
      WEBKIT_DISABLE_DMABUF_RENDERER: '1',
      // Its sandbox is not for root.
      ...(process.getuid() === 0 && { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' }),
    },
  });
  let session = '';
  const call = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${session}${path}`, { method, body: body && JSON.stringify(body), headers: { 'Content-Type': 'application/json' } });
    const { value } = await response.json();
    if (value?.error) throw new Error(`WebKitWebDriver, ${path}: ${value.error}: ${value.message}`);
    return value;
  };
  const close = async () => {
    await call('DELETE', '').catch(() => {});
    await driver.stop();
    await screen.stop();
    await home.remove();
  };
  try {
    // "markup": scripts of the page are off, those of the driver still run.
    const args = ['--automation', ...(dark ? ['--dark-mode'] : []), ...(script ? [] : ['--enable-javascript-markup=false'])];
    const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': { binary: webkit.program(), args } } };
    for (const end = Date.now() + 15_000; session === ''; await pause(50)) {
      try {
        session = `/session/${(await call('POST', '/session', { capabilities })).sessionId}`;
      } catch (error) {
        if (Date.now() > end || error.cause?.code !== 'ECONNREFUSED') throw error;
      }
    }
    const tab = new Page(call, { downloads: home.path, close });
    await tab.size(width, height);
    return tab;
  } catch (error) {
    await close();
    throw error;
  }
}

export const webkit = {
  name: 'WebKit',
  /** Debian keeps it beside the library, in a folder named after the machine. */
  program: () => execFileSync('sh', ['-c', 'ls /usr/lib/*/webkit2gtk-4.1/MiniBrowser'], { encoding: 'utf8' }).split('\n')[0],
  version: () => execFileSync('dpkg-query', ['-W', '-f', '${Version}', 'webkit2gtk-driver'], { encoding: 'utf8' }).match(/^[\d]+\.[\d]+/)[0],
  cannot: {
    paper: 'WebKitWebDriver has no command to print',
    'forced colors': 'WebKitGTK has none',
  },
  open,
};
