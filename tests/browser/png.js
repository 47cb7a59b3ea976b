// Small pictures of pages: at most 256 colors of the thousands that a screenshot may have (PNG, https://www.w3.org/TR/png-3/).
import * as zlib from 'node:zlib';

const { deflateSync, inflateSync, crc32 } = zlib;

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);

// Node 18 has none in zlib.
const table = Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});
const sum = (bytes) => (crc32 ? crc32(bytes) : (bytes.reduce((all, byte) => table[(all ^ byte) & 255] ^ (all >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0);

/** The pixels of a screenshot, `{ width, height, size, pixels }`: 8 bits a channel, `size` channels, as Chromium writes them. */
function pixelsOf(png) {
  const [width, height, size] = [png.readUInt32BE(16), png.readUInt32BE(20), png[25] === 6 ? 4 : 3];
  const parts = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const raw = inflateSync(Buffer.concat(parts));
  const stride = width * size;
  const pixels = Buffer.alloc(stride * height);
  const near = (a, b, c) => {
    const [da, db, dc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
    return da <= db && da <= dc ? a : db <= dc ? b : c;
  };
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)];
    for (let x = 0; x < stride; x += 1) {
      const at = y * stride + x;
      const [left, up, corner] = [x < size ? 0 : pixels[at - size], y === 0 ? 0 : pixels[at - stride], x < size || y === 0 ? 0 : pixels[at - stride - size]];
      pixels[at] = raw[y * (stride + 1) + 1 + x] + [0, left, up, (left + up) >> 1, near(left, up, corner)][filter];
    }
  }
  return { width, height, size, pixels };
}

/** The same picture with a palette of its most frequent colors; others become the nearest of them. */
export function small(png) {
  const { width, height, size, pixels } = pixelsOf(png);
  const counts = new Map();
  const color = (at) => (pixels[at] << 16) | (pixels[at + 1] << 8) | pixels[at + 2];
  for (let at = 0; at < pixels.length; at += size) counts.set(color(at), (counts.get(color(at)) ?? 0) + 1);
  const palette = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 256).map(([value]) => value);
  const far = (a, b) => [16, 8, 0].reduce((all, bits) => all + (((a >> bits) & 255) - ((b >> bits) & 255)) ** 2, 0);
  const nearest = new Map([...counts.keys()].map((value) => [value, palette.reduce((best, one, at) => (far(one, value) < far(palette[best], value) ? at : best), 0)]));
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) rows[y * (width + 1) + 1 + x] = nearest.get(color((y * width + x) * size));
  const chunk = (name, data) => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(sum(body));
    return Buffer.concat([length, body, check]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const colors = Buffer.from(palette.flatMap((value) => [value >> 16, (value >> 8) & 255, value & 255]));
  return Buffer.concat([SIGNATURE, chunk('IHDR', head), chunk('PLTE', colors), chunk('IDAT', deflateSync(rows, { level: 9 })), chunk('IEND', Buffer.alloc(0))]);
}
