import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import axeCore from 'axe-core';
import { unexcepted } from '../exceptions.js';
import { contrastOnScreen } from './contrast.js';

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

// Nothing is switched off. These are off by default in axe, or outside the tags.
const extra = {
  'target-size': { enabled: true }, // WCAG 2.2, 2.5.8
};
// 7:1 for text, 4.5:1 for large text: our own rule, which is WCAG's enhanced contrast (1.4.6). Axe's `color-contrast-enhanced` alone leaves out
// what `color-contrast` finds, and both together measure every text twice.
const contrast = {
  ignoreUnicode: true,
  ignoreLength: false,
  ignorePseudo: false,
  boldValue: 700,
  boldTextPt: 14,
  largeTextPt: 18,
  contrastRatio: { normal: { expected: 7 }, large: { expected: 4.5 } },
  pseudoSizeThreshold: 0.25,
  shadowOutlineEmMax: 0.1,
  textStrokeEmMin: 0.03,
};
const checks = { 'color-contrast': { options: contrast } };
const options = { runOnly: { type: 'tag', values: tags }, rules: extra, checks, resultTypes: ['violations', 'incomplete'] };

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const tool = `axe-core ${axeCore.version}`;

// What rules read of a style, but for what those of the category of colours alone read.
const read = [
  'display', 'visibility', 'content-visibility', 'opacity', 'position', 'float', 'z-index', 'isolation', 'contain', 'will-change', 'transform', 'perspective', 'filter', 'mix-blend-mode',
  'clip', 'clip-path', 'mask-image', 'overflow-x', 'overflow-y', 'pointer-events', 'width', 'height', 'padding', 'border-width', 'direction', 'white-space', 'text-indent',
  'font-family', 'font-size', 'font-style', 'font-weight', 'text-decoration-line',
];

/**
 * What axe finds on the page, or in the element `within`, as it looks now: a text each. What axe leaves undecided is a finding too,
 * but for contrast (exceptions.js), which is measured on the screen instead.
 */
export async function axe(page, info, { within, onScreen = true } = {}) {
  // Once for a load: the script is half a megabyte, and no page has a frame.
  if (!(await page.evaluate(() => 'axe' in window))) {
    await page.evaluate(source);
    await page.evaluate(parseOnce);
  }
  const { violations, incomplete } = await page.evaluate(inPage, [options, read, within]);

  const findings = violations.flatMap((result) => result.nodes.map((node) => describe(result, node)));
  const undecided = incomplete.flatMap((result) => result.nodes.map((node) => ({ result, node })));
  const open = unexcepted('axe', undecided, info, ({ result }) => `${result.id} undecided`);
  findings.push(...open.map(({ result, node }) => describe(result, node)));

  const places = new Map(undecided.filter((one) => !open.includes(one)).map((one) => [one.node.target.join(' '), one]));
  const measures = onScreen && places.size > 0 ? await contrastOnScreen(page, [...places.keys()]) : [];
  for (const [at, { ratio, needed }] of measures.entries()) {
    const { result, node } = [...places.values()][at];
    if (ratio < needed) findings.push(describe(result, node, `contrast on the screen is ${ratio.toFixed(2)}, wanted ${needed}`));
  }
  return findings;
}

function describe({ id, impact, helpUrl }, { target, html, any, all, none }, why = [...any, ...all, ...none].map(({ message }) => message).join('; ')) {
  const snippet = html.length > 160 ? `${html.slice(0, 160)}…` : html;
  return `${id} (${impact}) ${target.join(' ')}\n    ${snippet}\n    ${why}\n    ${helpUrl.split('?')[0]}`;
}

// The rest runs in the page.

// Axe reads the same few colours thousands of times, which is a fifth of its time.
function parseOnce() {
  const { prototype } = window.axe.commons.color.Color;
  const parse = prototype.parseString;
  const known = new Map();
  prototype.parseString = function (text) {
    if (known.has(text)) return Object.assign(this, known.get(text));
    const { r, g, b, alpha } = parse.call(this, text);
    known.set(text, { r, g, b, alpha });
    return this;
  };
}

// All rules; or, where the page is as it was in a look before but for its colours, those of colours, with what the others found then.
async function inPage([options, read, within]) {
  const { axe } = window;
  const get = CSSStyleDeclaration.prototype.getPropertyValue;
  const shape = [within, innerWidth, innerHeight, document.documentElement.outerHTML];
  for (const element of document.querySelectorAll('*')) {
    const style = getComputedStyle(element);
    const { x, y, width, height } = element.getBoundingClientRect();
    // A table whose rows differ in it holds data.
    if (element.localName === 'tr') shape.push(style.backgroundColor);
    shape.push(x + scrollX, y + scrollY, width, height, element.value, element.checked, ...read.map((name) => style.getPropertyValue(name)));
  }
  window.looksBefore ??= new Map();
  const before = window.looksBefore.get(shape.join());
  const ofColours = axe.getRules(options.runOnly.values).filter(({ tags }) => tags.includes('cat.color')).map(({ ruleId }) => ruleId);
  // In forced colours the computed `color` is the one on the screen, but `-webkit-text-fill-color`, which axe reads first, still is the
  // author's.
  if (matchMedia('(forced-colors: active)').matches) {
    CSSStyleDeclaration.prototype.getPropertyValue = function (name) {
      return get.call(this, name === '-webkit-text-fill-color' ? 'color' : name);
    };
  }
  try {
    const { violations, incomplete } = await axe.run(within ?? document, before ? { ...options, runOnly: { type: 'rule', values: ofColours } } : options);
    const others = (results) => results.filter(({ id }) => !ofColours.includes(id));
    if (!before) window.looksBefore.set(shape.join(), { violations: others(violations), incomplete: others(incomplete) });
    return { violations: [...violations, ...(before?.violations ?? [])], incomplete: [...incomplete, ...(before?.incomplete ?? [])] };
  } finally {
    CSSStyleDeclaration.prototype.getPropertyValue = get;
  }
}
