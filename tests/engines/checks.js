// What a page is held to in every engine. Each gives findings, a text each.
import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { clipped, sideways } from '../browser/checks/layout.js';

const tokensFile = readFileSync(new URL('../../static/css/tokens.css', import.meta.url), 'utf8');

/** The tokens of a choice of colors, as the style sheet has them: the dark ones stand below the light ones. */
function tokens(dark) {
  const [light, night] = tokensFile.split('@media (prefers-color-scheme: dark)');
  const read = (text) => Object.fromEntries([...text.matchAll(/^\s*--([\w-]+): ([^;]+);$/gm)].map(([, name, value]) => [name, value]));
  return { ...read(light), ...(dark && read(night.split('@media')[0])) };
}

const rgb = (hex) => `rgb(${hex.slice(1).match(/../g).map((pair) => Number.parseInt(pair, 16)).join(', ')})`;

/** Fonts and colors are the ones of the tokens. */
export async function style(tab, dark) {
  const wanted = tokens(dark);
  const found = await tab.evaluate(() => {
    const of = (selector) => getComputedStyle(document.querySelector(selector));
    const families = (selector) => of(selector).fontFamily.replaceAll(/["']/g, '');
    return {
      ground: of('html').backgroundColor,
      text: of('main').color,
      link: of('.header-links a').color,
      deep: of('.foot').backgroundColor,
      'on-deep': of('.foot').color,
      sans: families('main p'),
      serif: families('h1'),
    };
  });
  return Object.entries(found).flatMap(([name, is]) => {
    const should = wanted[name].startsWith('#') ? rgb(wanted[name]) : wanted[name].replaceAll('"', '');
    return is === should ? [] : [`--${name} is ${is}, wanted ${should}`];
  });
}

/** Nothing to scroll sideways to, nothing cut, and the parts of the page one below the other, each with its place. */
export async function layout(tab) {
  const findings = [...(await sideways(tab)), ...(await clipped(tab))];
  const parts = await tab.evaluate(() => ['header.top', '.breadcrumbs', 'main', 'footer.foot'].flatMap((selector) => {
    const found = document.querySelector(selector);
    if (!found) return [];
    const { top, bottom, width } = found.getBoundingClientRect();
    return [{ selector, top, bottom, width }];
  }));
  for (const part of ['header.top', 'main', 'footer.foot']) if (!parts.some(({ selector }) => selector === part)) findings.push(`there is no ${part}`);
  parts.forEach(({ selector, top, bottom, width }, at) => {
    if (bottom - top < 20 || width < 100) findings.push(`${selector} is ${width.toFixed()}×${(bottom - top).toFixed()} px`);
    if (at > 0 && top < parts[at - 1].bottom - 1) findings.push(`${selector} begins at ${top.toFixed()} px, and ${parts[at - 1].selector} ends at ${parts[at - 1].bottom.toFixed()}`);
  });
  return findings;
}

/** How often each color is in boxes of the window, most first: for each `[[color, count]…]`, from one picture. */
export async function colours(tab, boxes) {
  const picture = (await tab.picture()).toString('base64');
  return tab.evaluate(async (base64, boxes) => {
    const image = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))]));
    const scale = image.width / innerWidth;
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.drawImage(image, 0, 0);
    return boxes.map((box) => {
      const [x, y, width, height] = [box.x, box.y, box.width, box.height].map((side) => Math.round(side * scale));
      const { data } = context.getImageData(x, y, Math.max(1, width), Math.max(1, height));
      const counts = new Map();
      for (let at = 0; at < data.length; at += 4) {
        const colour = `rgb(${data[at]}, ${data[at + 1]}, ${data[at + 2]})`;
        counts.set(colour, (counts.get(colour) ?? 0) + 1);
      }
      return [...counts].sort(([, one], [, other]) => other - one).slice(0, 400);
    });
  }, picture, boxes);
}

/** The box of an element in the middle of the window, less what is outside. */
async function show(tab, selector) {
  await tab.show(selector);
  return tab.evaluate((selector) => {
    const { left, top, right, bottom } = document.querySelector(selector).getBoundingClientRect();
    const [x, y] = [Math.max(0, Math.ceil(left)), Math.max(0, Math.ceil(top))];
    return { x, y, width: Math.floor(Math.min(innerWidth, right)) - x, height: Math.floor(Math.min(innerHeight, bottom)) - y };
  }, selector);
}

/** The picture of the home page is painted, in its own colors. */
export async function picture(tab, dark) {
  const wanted = tokens(dark);
  const [painted] = await colours(tab, [await show(tab, '.picture')]);
  return ['sun', 'bridge', 'water'].filter((name) => !painted.some(([colour, count]) => colour === rgb(wanted[name]) && count > 30)).map((name) => `the picture lacks its --${name}, ${rgb(wanted[name])}`);
}

/**
 * Around the sun of a service there is only what is between its sky and its sun: Firefox has drawn brown lines where colors of a gradient were
 * mixed in another space. On a wide window in light, where nothing stands over it.
 */
export async function sun(tab) {
  const { x, y, width, height } = await show(tab, '.service .head');
  const [painted] = await colours(tab, [{ x: x + width * 0.65, y: y + height - 190, width: width * 0.3, height: 180 }]);
  const wrong = painted.filter(([colour]) => Number(colour.match(/\d+/)[0]) < 235);
  return wrong.length === 0 ? [] : [`the sun has lines of ${wrong.slice(0, 3).map(([colour, count]) => `${colour} (${count} px)`).join(', ')}`];
}

/** Every icon on the page that is to be seen is painted: lines on a ground. */
export async function icons(tab) {
  const findings = [];
  let seen = 0;
  // A window is looked at after the other.
  for (let top = 0; top >= 0; ) {
    await tab.scroll(top);
    const { boxes, next } = await tab.evaluate(() => {
      const boxes = [];
      for (const icon of document.querySelectorAll('main svg.icon, .name svg.mark, .quick svg.icon')) {
        const { left, top, right, bottom } = icon.getBoundingClientRect();
        const over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        // What stands over it, such as the bar of a phone, hides it here, not in the next window.
        if (icon.checkVisibility({ visibilityProperty: true }) && top >= 0 && bottom <= innerHeight && (icon.contains(over) || over?.contains(icon))) {
          boxes.push({ name: icon.parentElement.textContent.trim().replaceAll(/\s+/g, ' ').slice(0, 30), x: Math.ceil(left), y: Math.ceil(top), width: Math.floor(right - left), height: Math.floor(bottom - top) });
        }
      }
      const end = document.documentElement.scrollHeight - innerHeight;
      // A third of a window is looked at twice: no icon is cut in both.
      return { boxes, next: scrollY >= end - 1 ? -1 : Math.min(end, scrollY + (innerHeight * 2) / 3) };
    });
    top = next;
    if (boxes.length === 0) continue;
    seen += boxes.length;
    (await colours(tab, boxes)).forEach((painted, at) => {
      const all = painted.reduce((sum, [, count]) => sum + count, 0);
      const { name, width, height } = boxes[at];
      if (width < 15 || height < 15) findings.push(`the icon of “${name}” is ${width}×${height} px`);
      else if (all - painted[0][1] < all * 0.03) findings.push(`the icon of “${name}” is not painted: ${painted[0][0]} alone`);
    });
  }
  if (seen < 4) findings.push(`${seen} icons were seen`);
  return findings;
}

/** What is said of paper, laid out on the screen: print's rules are made to hold there, which every engine can. */
export async function paper(tab, path) {
  const paper = await tab.evaluate(() => {
    const holds = (rules) => {
      for (const rule of rules) {
        if (rule instanceof CSSMediaRule) {
          if (/^print$/.test(rule.media.mediaText)) rule.media.mediaText = 'all';
          // A sheet has neither a screen nor its colors.
          else if (/^screen|prefers-color-scheme: dark/.test(rule.media.mediaText)) rule.media.mediaText = 'not all';
        }
        if (rule.cssRules) holds(rule.cssRules);
      }
    };
    for (const sheet of document.styleSheets) holds(sheet.cssRules);
    return {
      ground: getComputedStyle(document.documentElement).backgroundColor,
      ink: getComputedStyle(document.querySelector('main')).color,
      text: document.body.innerText,
      bars: [...document.querySelectorAll('.quick, .pages, .skip, .menu, .quick-exit')].filter((element) => element.checkVisibility()).map((element) => element.className),
    };
  });
  const findings = [];
  if (paper.ground !== 'rgb(255, 255, 255)') findings.push(`the paper is ${paper.ground}`);
  if (paper.ink !== 'rgb(0, 0, 0)') findings.push(`the ink is ${paper.ink}`);
  for (const number of ['911', '988']) if (!paper.text.includes(number)) findings.push(`${number} is not on the paper`);
  for (const bar of paper.bars) findings.push(`.${bar} is for the screen only`);
  if (!new RegExp(`https?://\\S+${path}(\\s|$)`).test(paper.text)) findings.push('the address is not on the paper');
  return [...findings, ...(await sideways(tab)), ...(await clipped(tab))];
}

/** How many sheets a PDF has: Firefox writes what names them compressed. */
export function sheets(pdf) {
  const text = pdf.toString('latin1');
  const inner = [...text.matchAll(/\/ObjStm[^]*?stream\r?\n([^]*?)endstream/g)].map(([, data]) => inflateSync(Buffer.from(data, 'latin1')).toString('latin1'));
  return [text, ...inner].reduce((count, part) => count + (part.match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0), 0);
}

/** What is pressed looks like it: every link has a line, every control an edge. */
export const lined = (tab) => tab.evaluate(() => {
  const findings = [];
  for (const control of document.querySelectorAll('a[href], button, summary, input:not([type=hidden], [type=radio], [type=checkbox], [type=file]), textarea')) {
    if (!control.checkVisibility({ visibilityProperty: true }) || control.closest('.visually-hidden, .skip, .honeypot') || control.hasAttribute('aria-current')) continue;
    const line = [control, ...control.querySelectorAll('*')].some((one) => getComputedStyle(one).textDecorationLine.includes('underline'));
    const style = getComputedStyle(control);
    const edge = ['Top', 'Left'].some((side) => style[`border${side}Style`] !== 'none' && Number.parseFloat(style[`border${side}Width`]) >= 1);
    if (!line && !edge) findings.push(`<${control.localName}> “${control.textContent.trim().replaceAll(/\s+/g, ' ').slice(0, 40)}” has neither a line nor an edge`);
  }
  return findings;
});

/** The same in a reader's own colors, which are all that is left. */
export const forced = async (tab) => [
  ...((await tab.evaluate(() => matchMedia('(forced-colors: active)').matches)) ? [] : ['the colors are not forced']),
  ...(await lined(tab)),
];

/** In a row of links, where the reader is has a thick line: WebKit doesn't know a thickness within `text-decoration`. */
export const current = (tab) => tab.evaluate(() => [...document.querySelectorAll('.pages [aria-current]')].flatMap((link) => {
  const { textDecorationLine, textDecorationThickness } = getComputedStyle(link);
  const is = `${textDecorationLine} ${textDecorationThickness}`;
  return !link.checkVisibility() || is === 'underline 3px' ? [] : [`the current page has the line “${is}”`];
}));
