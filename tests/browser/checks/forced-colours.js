// A reader's own few colours (Windows' contrast themes) take the place of the author's: backgrounds, shadows and gradients are gone, and
// what was told by colour alone is lost. Computed styles tell Chromium's forced colours (but for an underline's), so most is read
// from them. That text and icons are really there is measured on the screen: Chromium paints a plate behind text, which no style tells.
import { flat, picture } from './pixels.js';

// What is there at all. That text has 7:1 is axe's to say: the thin lines of small letters are never painted in their full colour.
const visible = 3;

/** What is wrong on a page in forced colours, a text each. */
export function forcedColours(page) {
  return flat(page, async () => {
    const { findings, marks } = await page.evaluate(look);
    const painted = new Map();
    for (const [at, { darkest, lightest }] of (await picture(page, marks.map(({ box }) => box))).entries()) {
      const { name } = marks[at];
      const ratio = Math.max(1, (lightest + 0.05) / (darkest + 0.05));
      if (ratio < visible) painted.set(name, `${name} can't be seen: contrast on the screen is ${ratio.toFixed(2)}, wanted ${visible}`);
    }
    return [...findings, ...painted.values()];
  });
}

// Runs in the page.
function look() {
  const findings = [];
  if (!matchMedia('(forced-colors: active)').matches) findings.push('the colours are not forced');

  const shown = (element) => !element.closest('.visually-hidden, .skip') && element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const words = (element) => element.textContent.trim().replace(/\s+/g, ' ').slice(0, 50);
  const name = (element) => `<${element.localName}> “${words(element)}”${element.hasAttribute('href') ? ` (${element.getAttribute('href')})` : ''}`;
  const rgb = (colour) => {
    const [red, green, blue, alpha = 1] = colour.match(/[\d.]+/g).map(Number);
    return { channels: [red, green, blue], alpha };
  };
  const over = (top, under) => top.channels.map((channel, at) => channel * top.alpha + under[at] * (1 - top.alpha));
  const light = (channels) => {
    const [red, green, blue] = channels.map((channel) => (channel / 255 <= 0.04045 ? channel / 255 / 12.92 : ((channel / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => (Math.max(light(one), light(other)) + 0.05) / (Math.min(light(one), light(other)) + 0.05);
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = rgb(getComputedStyle(one).backgroundColor);
      if (colour.alpha === 1) return colour.channels;
    }
    return [255, 255, 255];
  };

  const marks = [];
  const mark = (what, { x, y, width, height }) => {
    if (width >= 4 && height >= 4) marks.push({ name: what, box: { x: x + scrollX, y: y + scrollY, width, height } });
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { currentNode: text } = texts;
    const element = text.parentElement;
    if (text.data.trim() === '' || element.closest('script, style, svg') || !shown(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    // Less its edges: what is just outside of the letters, such as the end of a mark behind them, must not count as a letter.
    for (const { x, y, width, height } of range.getClientRects()) mark(`text in ${name(element)}`, { x: Math.ceil(x) + 1, y: Math.ceil(y) + 2, width: Math.floor(width) - 3, height: Math.floor(height) - 4 });
  }
  for (const icon of document.querySelectorAll('svg, img')) {
    if (shown(icon)) mark(`icon in ${name(icon.parentElement)}`, icon.getBoundingClientRect());
  }

  const lines = (element) => {
    const style = getComputedStyle(element);
    return ['Top', 'Right', 'Bottom', 'Left'].map((side) => (style[`border${side}Style`] === 'none' ? 0 : Number.parseFloat(style[`border${side}Width`])));
  };
  const underlined = (element) => [element, ...element.querySelectorAll('*')].some((one) => getComputedStyle(one).textDecorationLine.includes('underline'));
  const before = document.activeElement;
  for (const control of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')) {
    if (control.checkVisibility({ visibilityProperty: true })) {
      // The one place of a list of links that a reader is at has no need to look like the others.
      const current = control.hasAttribute('aria-current');
      // The browser draws buttons to choose and boxes to tick itself, in the reader's colours; no style tells their lines.
      const drawn = ['radio', 'checkbox'].includes(control.type) && getComputedStyle(control).appearance === 'auto';
      if (shown(control) && !current && !drawn && !underlined(control) && !lines(control).some((width) => width >= 1)) {
        findings.push(`${name(control)} has neither an underline nor a border`);
      }
      control.focus({ preventScroll: true });
      const { outlineStyle, outlineWidth, outlineColor, outlineOffset } = getComputedStyle(control);
      // A ring with a negative offset is drawn on the control itself, any other one around it.
      const behind = ground(Number.parseFloat(outlineOffset) < 0 ? control : control.parentElement);
      if (document.activeElement !== control) findings.push(`${name(control)} takes no focus`);
      else if (outlineStyle === 'none' || Number.parseFloat(outlineWidth) < 2 || contrast(over(rgb(outlineColor), behind), behind) < 3) {
        findings.push(`${name(control)} has no visible focus ring`);
      }
    }
  }
  document.activeElement?.blur();
  before?.focus?.({ preventScroll: true });

  for (const current of document.querySelectorAll('nav a[aria-current]')) {
    if (!shown(current)) continue;
    const other = [...current.closest('nav').querySelectorAll('a:not([aria-current])')].find(shown);
    const looks = (link) => {
      const { fontWeight, fontStyle, textDecorationLine, textDecorationStyle } = getComputedStyle(link);
      return [fontWeight, fontStyle, textDecorationLine, textDecorationStyle, ...lines(link)].join(' ');
    };
    if (other && looks(other) === looks(current)) findings.push(`${name(current)} is marked as the current page by nothing but colour`);
  }
  return { findings, marks };
}
