// A QR code as a drawing (ISO/IEC 18004).
import qrcode from "qrcode-generator";
import { svg } from "./dom.js";

/** The light frame that the norm wants around a code, in modules. */
const QUIET = 4;

/**
 * @param {string} text capital letters, digits and hyphens
 * @param {string} label what it is, for who doesn't see it
 */
export function qr(text, label) {
  // Level Q: a fold or a stain may hide a quarter of it.
  const code = qrcode(0, "Q");
  code.addData(text, "Alphanumeric");
  code.make();
  const count = code.getModuleCount();
  const rows = [...Array(count).keys()];
  const path = rows.flatMap((y) => rows.filter((x) => code.isDark(y, x)).map((x) => `M${x + QUIET} ${y + QUIET}h1v1h-1z`)).join("");
  const size = count + 2 * QUIET;
  return svg("svg", { class: "qr", viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": label, "shape-rendering": "crispEdges" },
    svg("path", { class: "light", d: `M0 0h${size}v${size}h-${size}z` }),
    svg("path", { class: "dark", d: path }));
}
