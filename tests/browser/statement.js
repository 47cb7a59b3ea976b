// What a run showed, as data: gathered by reporter.js from what the tests noted, and turned into content/tests.toml.

/** Every check of a full run. What visitors are told of stands on the accessibility page, so it has words in content/<language>/ui.toml. */
export const checks = {
  axe: { told: true },
  contrast: { told: true },
  'forced-colours': { told: true },
  headings: { told: true },
  keyboard: { told: true },
  zoom: { told: true },
  spacing: { told: true },
  targets: { told: true },
  motion: { told: true },
  'no-script': { told: true },
  html: { told: true },
  transcript: { told: true },
  privacy: { told: false },
  weight: { told: false },
};

/** The statement that the notes of a run amount to: `{ date, browser, words, checks, exceptions }`. `words` is the fingerprint of the pages it looked at. */
export function gather(notes, { date, browser, words, exceptions }) {
  const found = Object.keys(checks).map((id) => {
    const mine = notes.filter((note) => note.id === id);
    const tool = mine.find((note) => note.tool)?.tool;
    return {
      id,
      ...(tool && { tool }),
      pages: new Set(mine.flatMap((note) => note.pages)).size,
      looks: mine.reduce((sum, note) => sum + note.looks, 0),
      findings: mine.reduce((sum, note) => sum + note.findings, 0),
    };
  });
  return { date, browser, words, checks: found.filter(({ looks }) => looks > 0), exceptions: [...new Set(exceptions)].sort() };
}

/** The file that the site shows, in TOML. */
export function toToml(statement) {
  const tables = statement.checks.filter(({ id }) => checks[id].told).map(({ id, tool, pages, looks, findings }) =>
    ['[[checks]]', `id = "${id}"`, ...(tool ? [`tool = "${tool}"`] : []), `pages = ${pages}`, `looks = ${looks}`, `findings = ${findings}`].join('\n'));
  return `# What of this site was tested, and what was found. Written by \`npm run statement\` in tests/browser, after a full run of the tests;
# the next full run fails if this says anything that it did not show.

tested_on = ${statement.date}
browser = "${statement.browser}"
# The words of the pages that were tested. Where they have changed since, the site says so.
tested_words = "${statement.words}"

${tables.join('\n\n')}
`;
}

/** Reads what `toToml` wrote. */
export function fromToml(text) {
  const [head, ...tables] = text.split(/^\[\[checks\]\]$/m);
  const table = (lines) => Object.fromEntries([...lines.matchAll(/^([a-z_]+) *= *(?:"([^"\n]*)"|([^\s#]+))/gm)].map(([, key, words, bare]) => [key, words ?? (/^\d+$/.test(bare) ? Number(bare) : bare)]));
  return { ...table(head), checks: tables.map(table) };
}

/** What a shipped file says that a full run did not show. The day, the version of the browser and the words of the pages may be older ones. */
export function unshown(claimed, statement) {
  const wrong = [];
  for (const { id, ...said } of claimed.checks) {
    const shown = statement.checks.find((check) => check.id === id);
    if (!shown) wrong.push(`"${id}" did not run`);
    else if (shown.findings > 0) wrong.push(`"${id}" had ${shown.findings} finding(s)`);
    for (const key of ['tool', 'pages', 'looks', 'findings']) {
      if (shown && said[key] !== shown[key]) wrong.push(`"${id}": the file says ${key} = ${said[key]}, this run ${shown[key]}`);
    }
  }
  for (const { id } of statement.checks) {
    if (checks[id].told && !claimed.checks.some((check) => check.id === id)) wrong.push(`"${id}" ran, and the file does not tell of it`);
  }
  return wrong;
}

/** Exceptions that nothing needed in a full run. */
export const unneeded = (exceptions, used) => exceptions.map(({ id }) => id).filter((id) => !used.includes(id));
