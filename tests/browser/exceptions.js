// Every finding of a checker that is accepted, and why. Nothing else may be passed over: an exception that a full run did not
// need fails it (reporter.js), so the list can only hold what is still true.
export const exceptions = [
  {
    id: 'nu-view-transition',
    checker: 'html',
    what: /^CSS: Unrecognized at-rule “@view-transition”$/,
    why: 'It is newer than the grammar of the checker; browsers that do not know it skip it.',
    link: 'https://www.w3.org/TR/css-view-transitions-2/#view-transition-rule',
  },
  {
    id: 'nu-container',
    checker: 'html',
    what: /^CSS: (“container-type”: Property “container-type” doesn't exist|Unrecognized at-rule “@container”)\.?$/,
    why: 'They are newer than the grammar of the checker; a browser that does not know them shows tables as tables.',
    link: 'https://www.w3.org/TR/css-conditional-5/#container-queries',
  },
  {
    id: 'axe-contrast-undecided',
    checker: 'axe',
    what: /^color-contrast undecided$/,
    why: 'Axe can’t compute the ground under a gradient or a pseudo-element. The contrast is measured on the screen instead, to the same ratio.',
    link: 'https://github.com/dequelabs/axe-core/blob/develop/doc/rule-descriptions.md',
  },
];

/**
 * What is left of `findings` when those that an exception of this checker names are taken away. `text` says what of a finding is
 * looked at; `info` is Playwright's, where what was needed is noted for the reporter.
 */
export function unexcepted(checker, findings, info, text = (finding) => finding, list = exceptions) {
  const mine = list.filter((exception) => exception.checker === checker);
  return findings.filter((finding) => {
    const exception = mine.find(({ what }) => what.test(text(finding)));
    if (exception) needed(info, exception.id);
    return !exception;
  });
}

function needed({ annotations }, id) {
  if (!annotations.some(({ type, description }) => type === 'exception' && description === id)) annotations.push({ type: 'exception', description: id });
}
