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

/**
 * What axe finds on the page, or in the element `within`, as it looks now: a text each. What axe leaves undecided is a finding too,
 * but for contrast (exceptions.js), which is measured on the screen instead.
 */
export async function axe(page, info, { within } = {}) {
  // Once for a load: the script is half a megabyte, and no page has a frame.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(source);
  const { violations, incomplete } = await page.evaluate(async ([options, within]) => {
    // In forced colours the computed `color` is the one on the screen, but `-webkit-text-fill-color`, which axe reads first, still is the
    // author's.
    const read = CSSStyleDeclaration.prototype.getPropertyValue;
    if (matchMedia('(forced-colors: active)').matches) {
      CSSStyleDeclaration.prototype.getPropertyValue = function (name) {
        return read.call(this, name === '-webkit-text-fill-color' ? 'color' : name);
      };
    }
    try {
      const { violations, incomplete } = await window.axe.run(within ?? document, options);
      return { violations, incomplete };
    } finally {
      CSSStyleDeclaration.prototype.getPropertyValue = read;
    }
  }, [options, within]);

  const findings = violations.flatMap((result) => result.nodes.map((node) => describe(result, node)));
  const undecided = incomplete.flatMap((result) => result.nodes.map((node) => ({ result, node })));
  const open = unexcepted('axe', undecided, info, ({ result }) => `${result.id} undecided`);
  findings.push(...open.map(({ result, node }) => describe(result, node)));

  const places = new Map(undecided.filter((one) => !open.includes(one)).map((one) => [one.node.target.join(' '), one]));
  const measured = places.size > 0 ? await contrastOnScreen(page, [...places.keys()]) : [];
  for (const [at, { result, node }] of [...places.values()].entries()) {
    const { ratio, needed } = measured[at];
    if (ratio < needed) findings.push(describe(result, node, `contrast on the screen is ${ratio.toFixed(2)}, wanted ${needed}`));
  }
  return findings;
}

function describe({ id, impact, helpUrl }, { target, html, any, all, none }, why = [...any, ...all, ...none].map(({ message }) => message).join('; ')) {
  const snippet = html.length > 160 ? `${html.slice(0, 160)}…` : html;
  return `${id} (${impact}) ${target.join(' ')}\n    ${snippet}\n    ${why}\n    ${helpUrl.split('?')[0]}`;
}
