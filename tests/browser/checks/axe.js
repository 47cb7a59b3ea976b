import { AxeBuilder } from '@axe-core/playwright';
import { contrastOnScreen } from './contrast.js';

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const contrast = ['color-contrast', 'color-contrast-enhanced'];

// Nothing is switched off. These are off by default in axe, or outside the tags.
const extra = {
  'color-contrast-enhanced': { enabled: true }, // 7:1 for text: our own rule, WCAG's is 4.5:1
  'target-size': { enabled: true }, // WCAG 2.2, 2.5.8
};

const everything = { runOnly: { type: 'tag', values: tags }, rules: extra };
const colours = { runOnly: { type: 'rule', values: contrast } };

/**
 * What axe finds on the page as it looks now, a text each. What axe leaves undecided is a finding too, but for contrast on a
 * gradient or under a pseudo-element, which is measured on the screen instead.
 */
export async function axe(page, { only } = {}) {
  // Legacy mode: no page has a frame, and the other mode opens a second tab for each run.
  const builder = new AxeBuilder({ page }).setLegacyMode().options(only === 'colours' ? colours : everything);
  const { violations, incomplete } = await builder.analyze();
  const findings = [];
  const measured = new Set();
  for (const result of [...violations, ...incomplete]) {
    for (const node of result.nodes) {
      const place = node.target.join(' ');
      if (contrast.includes(result.id) && incomplete.includes(result)) {
        if (measured.has(place)) continue;
        measured.add(place);
        const { ratio, needed } = await contrastOnScreen(page, place);
        if (ratio >= needed) continue;
        findings.push(describe(result, place, node, `contrast on the screen is ${ratio.toFixed(2)}, wanted ${needed}`));
      } else {
        const checks = [...node.any, ...node.all, ...node.none].map(({ message }) => message);
        findings.push(describe(result, place, node, checks.join('; ')));
      }
    }
  }
  return findings;
}

function describe({ id, impact, helpUrl }, place, { html }, why) {
  const snippet = html.length > 160 ? `${html.slice(0, 160)}…` : html;
  return `${id} (${impact}) ${place}\n    ${snippet}\n    ${why}\n    ${helpUrl.split('?')[0]}`;
}
