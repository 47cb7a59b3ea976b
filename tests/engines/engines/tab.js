// A page in a browser, as the scenarios use it. `puppeteer.js` and `webkit.js` say how it is done in theirs:
//
//   go(url) url() reload() size(width, height)
//   evaluate(function, …arguments)    what the function gives that runs in the page; also where the page's own scripts are off
//   pointer(x, y) keys(text) press(key) choose(selector, …paths)
//   picture()                         the window, as PNG
//   pdf()                             where the engine can
//   downloads                         the folder that a download is saved to
//   close()
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pause } from './children.js';

/** Waits until something holds: another page may come meanwhile, and there is none to ask. Fails with `what` after 15 seconds. */
export async function until(what, holds) {
  for (const end = Date.now() + 15_000; ; await pause(50)) {
    const is = await holds().catch(() => false);
    if (is) return is;
    if (Date.now() > end) throw new Error(`not within 15 seconds: ${what}`);
  }
}

export class Tab {
  /** Waits for an element, and gives its selector. */
  async there(selector) {
    await until(selector, () => this.evaluate((selector) => document.querySelector(selector) !== null, selector));
    return selector;
  }

  /** As a person does: where the element is, and only if nothing covers it. */
  async click(selector) {
    await this.show(await this.there(selector));
    const found = await this.evaluate((selector) => {
      const element = document.querySelector(selector);
      const box = element?.getClientRects()[0];
      if (!box) return { over: 'not displayed' };
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      const hit = document.elementFromPoint(x, y);
      const mine = hit && (element.contains(hit) || hit.contains(element) || element.labels?.[0]?.contains(hit));
      return { x, y, over: mine ? '' : `covered by ${hit?.outerHTML.slice(0, 80) ?? 'the edge of the window'}` };
    }, selector);
    if (found.over) throw new Error(`${selector} is ${found.over}`);
    await this.pointer(found.x, found.y);
  }

  /** Scrolls an element into the middle of the window. */
  async show(selector) {
    await this.scroll(await this.evaluate((selector) => {
      const { top, height } = document.querySelector(selector)?.getBoundingClientRect() ?? { top: 0, height: 0 };
      return scrollY + top + height / 2 - innerHeight / 2;
    }, selector));
  }

  /**
   * Scrolls the window to a place, and until it stays there: Firefox scrolls in another process, which may put back where it was, and paints a
   * little later.
   */
  async scroll(top) {
    for (let tries = 0; tries < 5; tries += 1) {
      const wanted = await this.evaluate((top) => {
        scrollTo({ top, behavior: 'instant' });
        return scrollY;
      }, top);
      await pause(150);
      if (Math.abs((await this.evaluate(() => scrollY)) - wanted) < 2) return;
    }
    // Where it is now: whoever looks for something there will say so.
  }

  /** Clicks into a field, and types. */
  async type(selector, text) {
    await this.click(selector);
    await until(`the focus in ${selector}`, () => this.evaluate((selector) => document.activeElement === document.querySelector(selector), selector));
    await this.keys(text);
  }

  /** A file that was saved, and is none of these; `undefined` if there is none yet. */
  async downloaded(known) {
    const files = (await readdir(this.downloads, { withFileTypes: true })).filter((file) => file.isFile() && !/\.(part|crdownload|wkdownload)$/.test(file.name));
    return files.map(({ name }) => join(this.downloads, name)).find((file) => !known.includes(file));
  }

  /** The words that are to be seen in an element. */
  words = (selector) => this.evaluate((selector) => document.querySelector(selector)?.innerText ?? '', selector);
}
