/**
 * The lowest contrast between an element's own text and the pixels behind it, for backgrounds that axe can't compute.
 * `needed` is WCAG's enhanced ratio: 7, or 4.5 for large text (1.4.6).
 */
export async function contrastOnScreen(page, selector) {
  const { clip, colour, large } = await page.locator(selector).first().evaluate((element) => {
    element.scrollIntoView({ block: 'center', behavior: 'instant' });
    const text = document.createRange();
    text.selectNodeContents(element);
    const box = text.getBoundingClientRect();
    // Read now: a computed style is live, and the text is made transparent below.
    const { color: colour, fontSize, fontWeight } = getComputedStyle(element);
    const size = Number.parseFloat(fontSize);
    // Under the text alone: the colour of the text, of lines and of icons is taken away.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('*, ::before, ::after { color: #0000 !important; -webkit-text-fill-color: #0000 !important; text-decoration-color: #0000 !important; }');
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    // Whole pixels: a fraction of one would be mixed with white.
    const [left, top] = [Math.ceil(box.left), Math.ceil(box.top)];
    return {
      clip: { x: left, y: top, width: Math.max(1, Math.floor(box.right) - left), height: Math.max(1, Math.floor(box.bottom) - top) },
      colour,
      large: size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700),
    };
  });
  const shot = await page.screenshot({ clip });
  const ratio = await page.evaluate(
    async ([base64, colour]) => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.slice(0, -1);
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      // Not an <img>: the site's Content-Security-Policy holds in its tests.
      const image = await createImageBitmap(new Blob([bytes]));
      const canvas = new OffscreenCanvas(image.width, image.height + 1);
      const context = canvas.getContext('2d', { willReadFrequently: true });
      context.drawImage(image, 0, 1);
      context.fillStyle = colour;
      context.fillRect(0, 0, image.width, 1);
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      const light = (at) => {
        const [red, green, blue] = [0, 1, 2].map((channel) => {
          const value = data[at + channel] / 255;
          return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      };
      const text = light(0);
      let lowest = 21;
      for (let at = canvas.width * 4; at < data.length; at += 4) {
        const ground = light(at);
        lowest = Math.min(lowest, (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05));
      }
      return lowest;
    },
    [shot.toString('base64'), colour],
  );
  return { ratio, needed: large ? 4.5 : 7 };
}
