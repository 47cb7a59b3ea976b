import { flat, picture } from './pixels.js';

/**
 * For each place: the lowest contrast between an element's own text and the pixels behind it, for backgrounds that axe can't compute.
 * `needed` is WCAG's enhanced ratio: 7, or 4.5 for large text (1.4.6).
 */
export async function contrastOnScreen(page, selectors) {
  if (await page.evaluate(() => matchMedia('(forced-colors: active)').matches)) return contrastForced(page, selectors);
  return flat(page, async () => {
    const texts = await page.evaluate((selectors) => {
      const all = selectors.map((selector) => {
        const element = document.querySelector(selector);
        const text = document.createRange();
        text.selectNodeContents(element);
        const box = text.getBoundingClientRect();
        // Read now: a computed style is live, and the text is made transparent below.
        const { color: colour, fontSize, fontWeight } = getComputedStyle(element);
        const size = Number.parseFloat(fontSize);
        // Whole pixels: a fraction of one would be mixed with white.
        const [left, top] = [Math.ceil(box.left + scrollX), Math.ceil(box.top + scrollY)];
        return {
          box: { x: left, y: top, width: Math.max(1, Math.floor(box.right + scrollX) - left), height: Math.max(1, Math.floor(box.bottom + scrollY) - top) },
          colour,
          needed: size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700) ? 4.5 : 7,
        };
      });
      // Under the text alone: the colour of the text, of lines and of icons is taken away.
      const sheet = new CSSStyleSheet();
      sheet.replaceSync('*, ::before, ::after { color: #0000 !important; -webkit-text-fill-color: #0000 !important; text-decoration-color: #0000 !important; }');
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
      return all;
    }, selectors);
    const grounds = await picture(page, texts.map(({ box }) => box));
    const lights = await page.evaluate((colours) => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.slice(0, -1);
      const context = new OffscreenCanvas(1, 1).getContext('2d');
      return colours.map((colour) => {
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
        const [red, green, blue] = [...context.getImageData(0, 0, 1, 1).data].map((byte) => (byte / 255 <= 0.04045 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4));
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      });
    }, texts.map(({ colour }) => colour));
    return texts.map(({ needed }, at) => {
      const { darkest, lightest } = grounds[at];
      const [text, below, above] = [lights[at] + 0.05, darkest + 0.05, lightest + 0.05];
      // A ground that is darker here and lighter there than the text crosses its colour somewhere.
      const ratio = below <= text && text <= above ? 1 : Math.min(...[below, above].map((ground) => Math.max(text, ground) / Math.min(text, ground)));
      return { ratio, needed };
    });
  });
}

/** The same in forced colours, where text can't be made transparent, but no ground is a picture: from the computed colours. */
function contrastForced(page, selectors) {
  return page.evaluate((selectors) => selectors.map((selector) => {
    const element = document.querySelector(selector);
    const { color, fontSize, fontWeight } = getComputedStyle(element);
    const size = Number.parseFloat(fontSize);
    let ground = element;
    while (ground.parentElement && /, 0\)$/.test(getComputedStyle(ground).backgroundColor)) ground = ground.parentElement;
    const light = (colour) => {
      const [red, green, blue] = colour.match(/[\d.]+/g).map((channel) => (channel / 255 <= 0.04045 ? channel / 255 / 12.92 : ((channel / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
    };
    const pair = [light(color), light(getComputedStyle(ground).backgroundColor)];
    return { ratio: Math.max(...pair) / Math.min(...pair), needed: size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700) ? 4.5 : 7 };
  }), selectors);
}
