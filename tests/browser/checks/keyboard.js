/** Every place Tab should stop at, in the order of the document, as texts. */
export function stops(page) {
  return page.evaluate(() => {
    window.place = (element) => `${element.localName} “${element.textContent.trim().replace(/\s+/g, ' ').slice(0, 40)}” ${element.getAttribute('href') ?? element.name ?? ''}`;
    // Tab stops at a group of radio buttons once: at the chosen one, or else at the first. The arrow keys go on from there.
    const group = (element) => [...document.getElementsByName(element.name)].filter((one) => one.type === 'radio' && one.form === element.form);
    const skipped = (element) => element.type === 'radio' && element !== (group(element).find((one) => one.checked) ?? group(element)[0]);
    return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
      .filter((element) => !skipped(element) && !element.disabled && element.tabIndex >= 0 && element.checkVisibility({ visibilityProperty: true }))
      .map(window.place);
  });
}

/** Where the focus is, and what is wrong with how it looks: `{ at, wrong }`; `at` is null when it has left the page. */
export const focus = (page) => page.evaluate(focused);

/** Presses Tab until the focus leaves the page: `{ expected, reached, wrong }`. */
export async function walk(page) {
  // Where the focus is in the window's own bars, after a walk before, it would come back to the page instead of leaving it.
  await page.bringToFront();
  const expected = await stops(page);
  // Each stop is looked at in the page itself, when the key comes up: by then the focus has moved, and the page has scrolled.
  await page.evaluate(`window.focused = ${focused}`);
  await page.evaluate(() => {
    window.walked = [];
    window.note = ({ key }) => key === 'Tab' && window.walked.push(window.focused());
    addEventListener('keyup', window.note, true);
  });
  const devtools = await page.context().newCDPSession(page);
  const keys = [];
  // One more press than there are stops: the last one must leave the page. None waits for the one before to be answered.
  for (let press = 0; press <= expected.length; press += 1) {
    for (const type of ['rawKeyDown', 'keyUp']) keys.push(devtools.send('Input.dispatchKeyEvent', { type, key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 }));
  }
  await Promise.all(keys);
  await devtools.detach();
  // The browser takes the focus from the page a moment after the last press.
  await page.waitForFunction(() => window.focused().at === null, null, { timeout: 3000 }).catch(() => {});
  const { walked, last } = await page.evaluate(() => {
    removeEventListener('keyup', window.note, true);
    return { walked: window.walked, last: window.focused() };
  });
  const left = walked.findIndex(({ at }) => at === null);
  const steps = walked.slice(0, left < 0 ? expected.length : Math.min(left, expected.length));
  const reached = steps.map(({ at }) => at);
  const wrong = steps.flatMap(({ at, wrong }) => wrong.map((what) => `${at} ${what}`));
  if (last.at !== null) return { expected, reached: [...reached, last.at], wrong: [...wrong, 'Tab never leaves the page'] };
  return { expected, reached, wrong };
}

// Runs in the page, after `stops`.
function focused() {
  const element = document.activeElement;
  if (element === null || element === document.body || element === document.documentElement) return { at: null, wrong: [] };
  const wrong = [];
  const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element);
  if (outlineStyle === 'none' || Number.parseFloat(outlineWidth) < 2 || outlineColor === 'rgba(0, 0, 0, 0)') wrong.push('has no visible focus ring');
  // WCAG 2.4.12: no part of it is hidden by what the page itself puts on top, such as a phone's bar.
  for (const box of element.getClientRects()) {
    if (box.width < 2 || box.height < 2) continue;
    const points = [[0.5, 0.5], [0.05, 0.1], [0.95, 0.1], [0.05, 0.9], [0.95, 0.9]].map(([across, down]) => [box.x + box.width * across, box.y + box.height * down]);
    for (const [x, y] of points) {
      if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) {
        // What is taller than the window can't be seen whole.
        if (box.height < innerHeight - 100) wrong.push(`is outside the window at ${x.toFixed()},${y.toFixed()}`);
        continue;
      }
      const top = document.elementFromPoint(x, y);
      const fixed = top && [...ancestors(top)].find((one) => ['fixed', 'sticky'].includes(getComputedStyle(one).position));
      if (fixed && !fixed.contains(element)) wrong.push(`is hidden by <${fixed.localName} class="${fixed.className}">`);
    }
  }
  return { at: window.place(element), wrong: [...new Set(wrong)] };

  function* ancestors(node) {
    for (let one = node; one; one = one.parentElement) yield one;
  }
}
