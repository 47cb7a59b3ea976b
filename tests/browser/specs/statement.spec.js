// What is said of these tests is held to what they showed.
import { exceptions, unexcepted } from '../exceptions.js';
import { expect, test } from '../site.js';
import { checks, fromToml, gather, toToml, unneeded, unshown } from '../statement.js';

const run = { date: '2026-11-23', browser: 'Chromium 142', words: '0a1b2c3d', exceptions: ['b', 'a', 'a'] };
const notes = [
  { id: 'axe', pages: ['/'], looks: 12, findings: 0, tool: 'axe-core 4.13.0' },
  { id: 'axe', pages: ['/contact/'], looks: 12, findings: 0, tool: 'axe-core 4.13.0' },
  { id: 'zoom', pages: ['/', '/contact/'], looks: 6, findings: 0 },
  { id: 'weight', pages: ['/'], looks: 1, findings: 0 },
];

test('a statement counts what ran, and is read back from its file as it was', () => {
  const statement = gather(notes, run);
  expect(statement.checks[0]).toEqual({ id: 'axe', tool: 'axe-core 4.13.0', pages: 2, looks: 24, findings: 0 });
  expect(statement.exceptions).toEqual(['a', 'b']);
  const read = fromToml(toToml(statement));
  expect(read.tested_on).toBe('2026-11-23');
  expect(read.browser).toBe('Chromium 142');
  expect(read.tested_words).toBe('0a1b2c3d');
  // What visitors are not told of stays out of the file.
  expect(read.checks).toEqual(statement.checks.filter(({ id }) => id !== 'weight'));
  expect(unshown(read, statement)).toEqual([]);
});

test('a file that says what a run did not show is refused', () => {
  const claimed = fromToml(toToml(gather(notes, run)));
  const shown = (changed) => unshown(claimed, gather(changed, run)).join('\n');
  expect(shown(notes.slice(0, 2))).toContain('"zoom" did not run');
  expect(shown(notes.slice(1))).toContain('the file says pages = 2, this run 1');
  expect(shown([...notes, { id: 'axe', pages: ['/'], looks: 1, findings: 0 }])).toContain('the file says looks = 24, this run 25');
  expect(shown([...notes, { id: 'zoom', pages: ['/'], looks: 0, findings: 3 }])).toContain('"zoom" had 3 finding(s)');
  expect(shown([...notes, { id: 'motion', pages: ['/'], looks: 1, findings: 0 }])).toContain('"motion" ran, and the file does not tell of it');
  expect(shown(notes.map((note) => ({ ...note, tool: note.tool && 'axe-core 5.0.0' })))).toContain('the file says tool = axe-core 4.13.0');
  // A later day, a newer browser and other words alone are no lie.
  expect(unshown(claimed, gather(notes, { ...run, date: '2027-01-01', browser: 'Chromium 150', words: 'ffffffff' }))).toEqual([]);
});

test('an exception has a reason and a link, hides nothing else, and is told when it is not needed', () => {
  for (const { id, checker, what, why, link } of exceptions) {
    expect(id).toMatch(/^[a-z-]+$/);
    expect(Object.keys(checks)).toContain(checker);
    expect(why.length, id).toBeGreaterThan(20);
    expect(link, id).toMatch(/^https:\/\//);
    expect(what.source, id).toMatch(/^\^.*\$$/);
  }
  const list = [{ id: 'one', checker: 'html', what: /^one$/ }, { id: 'two', checker: 'html', what: /^two$/ }];
  const info = { annotations: [] };
  expect(unexcepted('html', ['one', 'one more', 'three'], info, (text) => text, list)).toEqual(['one more', 'three']);
  expect(unexcepted('axe', ['one'], info, (text) => text, list)).toEqual(['one']);
  expect(unneeded(list, info.annotations.map(({ description }) => description))).toEqual(['two']);
});
