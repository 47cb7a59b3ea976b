/** Runs `look` while nothing floats over the page: a picture of it shows everything in its own place, not a bar that is over it. Then it is as before. */
export async function flat(page, look) {
  await page.evaluate(() => {
    const moved = [];
    const top = scrollY;
    for (const element of document.querySelectorAll('body *')) {
      if (['fixed', 'sticky'].includes(getComputedStyle(element).position)) {
        moved.push([element, element.getAttribute('style')]);
        element.style.setProperty('position', 'static', 'important');
      }
    }
    scrollTo({ top: 0, behavior: 'instant' });
    window.backToTheirPlaces = () => {
      for (const [element, style] of moved) {
        // Not the attribute, which the Content-Security-Policy refuses. It is asked for first: Chromium writes it late.
        element.style.cssText = style ?? '';
        if (style === null && element.hasAttribute('style')) element.removeAttribute('style');
      }
      scrollTo({ top, behavior: 'instant' });
    };
  });
  try {
    return await look();
  } finally {
    await page.evaluate(() => window.backToTheirPlaces());
  }
}

// A picture of the screen ends at 16,384 px; what begins in a band may end below it.
const tallest = 12_000;
// For a picture of what is beyond the window Chromium lays out and paints the whole page anew, which takes as long as to scroll to some places.
const few = 4;

/** The luminance of the darkest and the lightest pixel that is painted in each of `boxes` (CSS pixels of the whole page). Call it within `flat`. */
export async function picture(page, boxes) {
  const window = await page.evaluate(() => ({ width: document.documentElement.clientWidth, height: innerHeight }));
  const places = boxes.map((box, at) => ({ at, box })).sort((one, other) => one.box.y - other.box.y);
  const within = (goesIn) => {
    const groups = [];
    for (const place of places) {
      if (groups.length > 0 && goesIn(place.box, Math.floor(groups.at(-1)[0].box.y))) groups.at(-1).push(place);
      else groups.push([place]);
    }
    return groups;
  };
  const inWindow = ({ x, y, width, height }, top) => x >= 0 && x + width <= window.width && y >= 0 && y + height <= top + window.height;
  let groups = within(inWindow);
  const scrolls = groups.length <= few && boxes.every((box) => inWindow(box, Math.floor(box.y)));
  if (!scrolls) groups = within(({ y }, top) => y <= top + tallest);
  const found = [];
  const devtools = await page.context().newCDPSession(page);
  for (const group of groups) {
    if (scrolls) await page.evaluate((top) => scrollTo({ top, behavior: 'instant' }), Math.floor(group[0].box.y));
    const lights = await pictureOf(page, devtools, group.map(({ box }) => box), { captureBeyondViewport: !scrolls });
    group.forEach(({ at }, index) => (found[at] = lights[index]));
  }
  await devtools.detach();
  return found;
}

/** A picture of as much of the page as holds all of `boxes`: what takes time is to paint it. */
async function pictureOf(page, devtools, boxes, how) {
  const edge = (side, least) => Math[least ? 'min' : 'max'](...boxes.map(side));
  const [left, top] = [Math.max(0, Math.floor(edge(({ x }) => x, true))), Math.max(0, Math.floor(edge(({ y }) => y, true)))];
  // Chromium never answers for a clip of no size, as that of a box above the page would be.
  const [width, height] = [edge(({ x, width }) => x + width) - left, edge(({ y, height }) => y + height) - top].map((size) => Math.max(1, Math.ceil(size)));
  const clip = { x: left, y: top, width, height };
  const data = await capture(devtools, { ...how, clip: { ...clip, scale: 1 } });
  return page.evaluate(
    async ([base64, boxes]) => {
      // Not an <img>: the site's Content-Security-Policy holds in its tests.
      const image = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))]));
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext('2d', { willReadFrequently: true });
      context.drawImage(image, 0, 0);
      const linear = Float64Array.from({ length: 256 }, (_, byte) => (byte / 255 <= 0.04045 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4));
      return boxes.map(({ x, y, width, height }) => {
        const { data } = context.getImageData(Math.floor(x), Math.floor(y), Math.max(1, Math.ceil(width)), Math.max(1, Math.ceil(height)));
        let [darkest, lightest] = [1, 0];
        for (let at = 0; at < data.length; at += 4) {
          // Outside of the picture.
          if (data[at + 3] === 0) continue;
          const light = 0.2126 * linear[data[at]] + 0.7152 * linear[data[at + 1]] + 0.0722 * linear[data[at + 2]];
          if (light < darkest) darkest = light;
          if (light > lightest) lightest = light;
        }
        return { darkest, lightest };
      });
    },
    [data, boxes.map((box) => ({ ...box, x: box.x - left, y: box.y - top }))],
  );
}

/** A PNG in base64. Not `page.screenshot`, which packs each picture as small as it gets. */
async function capture(devtools, what, tries = 3) {
  try {
    return (await devtools.send('Page.captureScreenshot', { format: 'png', optimizeForSpeed: true, ...what })).data;
  } catch (error) {
    // Chromium on a busy machine gives up when a frame is late, which says nothing of the page.
    if (tries === 1 || !error.message.includes('Unable to capture screenshot')) throw error;
    return capture(devtools, what, tries - 1);
  }
}
