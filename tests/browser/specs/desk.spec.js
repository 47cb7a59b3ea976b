// The desk page in all its states, opened from disk as staff do. Its server is a made-up one, so that each state can be had; desk-server.spec.js has
// the program itself, and desk-safe.spec.js what the desk page keeps from others.
import { axe } from '../checks/axe.js';
import { forcedColours } from '../checks/forced-colours.js';
import { walk } from '../checks/keyboard.js';
import { clipped, sideways, smallTargets, spaceOut } from '../checks/layout.js';
import { headings } from '../checks/structure.js';
import { morning, sealed, strange, unlock } from '../desk.js';
import { around, close, h1, it, open, show, start, tab } from '../desk-front.js';
import { expect, laptop, none, phone, test } from '../site.js';

test.setTimeout(180_000);
around(test);

/** The minute of an instant, as a request has it. */
const minute = (time) => `${new Date(time).toISOString().slice(0, 16)}:00Z`;
const today = Math.floor(Date.now() / 86_400_000);

/** Requests with which something is wrong, and one that is closed as it should be. */
const marked = [
  { reference: 'T1AA-0001', name: 'Kim', closed: today },
  { reference: 'T2AA-0002', name: 'Lou', closing: { outcome: 'booked', note: '', at: minute(Date.now()) } },
  { reference: 'C0CC-1111', name: 'Ny', phone: '916-555-0188', closed: today, closing: { outcome: 'booked', note: 'Monday, 9 am', at: minute(Date.now()) }, row: { history: [{ state: 'closed', key: '3f2a91bc00112233445566778899aabb', hour: Math.floor(Date.now() / 3_600_000) * 3600 }] } },
];

/** A key file that is locked, with next to no work, so that a wrong passphrase is found out at once. */
const locked = `-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBCZ21rMVRNZ1FHd2FublJh
V1pvUnFRIDQKY2QxMHZiOWR2Vjc0emxpVHE2Q1JndzRYM2FrRnIvMTY0d2RrTjd2
cVRLRQotLS0gditvLy9RUWpJeTNRS25rZi9GVW1Pa2sxYlRMbnhzdzQydU1FdytZ
elM2SQratnoeKeDJJYG6FRSF06iUCIcXylASg4VAgMHrXkURD0zohDBdjNRcPf6b
k9Jvj1J/G0gspHV+NDTJMXRwQ9+467hQ+oC7DJoZvcK3ep1JxnnJdyPVmGokbxiN
RbVGjNGqStJOLHeczUTn/tD6FL3Z2yGbYbc29m39Jp/uzw==
-----END AGE ENCRYPTED FILE-----
`;

// No color depends on the width. Of two looks of one width, only what depends on colors is looked at twice.
const looks = [
  [320, {}],
  [1280, { forcedColors: 'active', colorScheme: 'dark' }],
  [1280, { colorScheme: 'dark' }],
  [1280, { contrast: 'more' }],
];

/** What has every kind of part gets every look; others the first two; in Spanish, which differs in how long words are, the first. */
const whole = ['what waits', 'one request, with two mistakes', 'an alarm, the connection lost and a clock that is off'];

/** Waits until nothing changes by itself: the server is asked now and then. */
const settled = (page) => page.evaluate(() => new Promise((resolve) => {
  let timer = setTimeout(resolve, 200);
  new MutationObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(resolve, 200);
  }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
}));

/** What the desk can show, with how to get there. They build on each other, and go by no word, since they are looked at in both languages. */
const states = {
  'the first screen': async (page) => page.goto(it.address),
  'a file that is no key': async (page) => {
    await page.locator('#key-file').setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('milk, bread') });
    await expect(page.getByRole('alert').filter({ hasText: 'notes.txt' })).toBeVisible();
  },
  'a key from a sheet': async (page) => {
    await page.locator('summary').click();
    await page.locator('#sheet').fill('AGE-SECRET-KEY-1WRONG');
    await page.locator('.sheet-field form button').click();
    await expect(page.locator('.mistakes')).toBeFocused();
  },
  'a file that is locked, and a wrong passphrase': async (page) => {
    await page.locator('#key-file').setInputFiles({ name: 'staff-key.txt', mimeType: 'text/plain', buffer: Buffer.from(locked) });
    await page.locator('#passphrase').fill('wrong horse');
    await close(page);
    await expect(page.locator('.mistakes li')).toHaveCount(1);
    await expect(page.locator('#passphrase')).toBeFocused();
  },
  'a new key, with mistakes': async (page) => {
    // Cancel leads back.
    await page.locator('form > .actions button').last().click();
    await page.locator('.start .work button').click();
    await page.locator('#lock-yes').check();
    await page.locator('#new-passphrase').fill('short');
    await close(page);
  },
  'the sheet for the safe': async (page) => {
    await page.locator('#lock-no').check();
    await close(page);
    await page.locator('#go-on').click();
    await expect(page.locator('.mistakes li')).toHaveCount(2);
  },
  'the lines for the admin': async (page) => {
    await page.evaluate(() => { window.print = () => {}; });
    await Promise.all([page.waitForEvent('download'), page.locator('#save-own').click()]);
    // What is done is no longer asked for.
    await expect(page.locator('.mistakes li')).toHaveCount(1);
    await page.locator('#save-safe').click();
    await expect(page.locator('.mistakes')).toHaveCount(0);
    await page.locator('#go-on').click();
    await page.locator('#open').click();
    await expect(page.locator('.mistakes')).toBeFocused();
  },
  'what waits': async (page) => {
    page.once('dialog', (dialog) => dialog.accept());
    await page.goto(it.address);
    await unlock(page, it.made.mine.file);
    await expect(page.locator('tbody tr')).toHaveCount(8);
  },
  'many that are ticked': async (page) => {
    await page.locator('#select-all').check();
    await page.locator('[data-focus=junk]').click();
    await expect(page.locator('.ask')).toBeFocused();
  },
  'a search that finds none': async (page) => page.locator('#search').fill('Nobody'),
  'one request, with two mistakes': async (page) => {
    await page.locator('#search').fill('');
    await show(page, 'Jordan');
    await page.locator('#note').fill('x'.repeat(320));
    await close(page);
    await expect(page.locator('.mistakes li')).toHaveCount(2);
  },
  'the list after one was closed': async (page) => {
    await page.locator('#outcome-booked').check();
    await page.locator('#note').fill('Monday, 9 am');
    await close(page);
    await expect(page.locator('.done')).toContainText('K7QM-4XT2');
  },
  'the closed ones': async (page) => {
    await page.getByRole('navigation').getByRole('button').nth(1).click();
    await expect(page.locator('tbody tr')).toHaveCount(2);
  },
  'a closed one': async (page) => show(page, 'Ny'),
  'one with which something is wrong': async (page) => {
    await page.getByRole('navigation').getByRole('button').first().click();
    await show(page, 'Lou');
  },
  'an alarm, the connection lost and a clock that is off': async (page) => {
    Object.assign(it.front.state, { now: () => new Date(Date.now() - 3_600_000), revision: it.front.state.revision + 1 });
    it.front.state.readers.push(it.made.other.recipient);
    await page.getByRole('navigation').getByRole('button').last().click();
    await expect(page.locator('.alarm .fingerprint span')).toHaveCount(8);
    it.front.state.answers.wait = () => ({ status: 503, body: { error: 'unavailable' } });
    await expect(page.locator('.banner p')).toHaveCount(2, { timeout: 40_000 });
  },
  'a key that is trusted': async (page) => page.locator('.alarm .actions button').click(),
  'the first screen, locked': async (page) => page.locator('.tools button').last().click(),
};

for (const language of ['en', 'es']) {
  test(`no state of the desk has a barrier that a program can find, in ${language}`, async ({ page }, info) => {
    await start([...morning, ...strange, ...marked]);
    const findings = [];
    for (const [state, go] of Object.entries(states)) {
      await page.setViewportSize(laptop);
      await go(page);
      if ((await page.locator('html').getAttribute('lang')) !== language) await page.locator(`.tools [lang=${language}]`).click();
      await expect(h1(page)).toHaveCount(1);
      if (/\b(false|null|undefined|NaN)\b/.test(await page.locator('body').innerText())) findings.push(`${state}: it says what programs say`);
      await settled(page);
      for (const [width, media] of looks.slice(0, language === 'es' ? 1 : whole.includes(state) ? 4 : 2)) {
        await page.setViewportSize({ width, height: 800 });
        await page.emulateMedia({ colorScheme: 'light', contrast: 'no-preference', forcedColors: 'none', ...media });
        const found = await axe(page, info);
        if (!media.forcedColors && !media.contrast) found.push(...(await sideways(page)), ...(await smallTargets(page)));
        // After a key, as who needs the ring sees it: after a click there is none.
        if (media.forcedColors) await page.keyboard.press('Tab');
        if (media.forcedColors) found.push(...(await forcedColours(page)));
        findings.push(...found.map((finding) => `${state}, ${width} ${JSON.stringify(media)}: ${finding}`));
      }
      const found = await headings(page);
      await spaceOut(page);
      // What is longer than a text area is scrolled within it.
      found.push(...(await sideways(page)), ...(await clipped(page)).filter((finding) => !/^<(textarea|p class="visually-hidden)/.test(finding)));
      await page.evaluate(() => { document.adoptedStyleSheets = []; });
      await page.emulateMedia({ colorScheme: 'light', contrast: 'no-preference', forcedColors: 'none' });
      findings.push(...found.map((finding) => `${state}: ${finding}`));
    }
    none(findings);
  });
}

test('an empty desk is kind', async ({ page }) => {
  await open(page);
  await expect(page.getByRole('main')).toContainText('Nobody waits.');
  await tab(page, /Closed/).click();
  await expect(h1(page)).toHaveText('No request is closed');
  await expect(h1(page)).toBeFocused();
});

for (const [name, window] of Object.entries({ phone, laptop })) {
  test(`Tab reaches everything in order, on a ${name}`, async ({ page }) => {
    await open(page, [...morning, ...strange]);
    await page.setViewportSize(window);
    for (const go of [() => {}, () => show(page, 'Jordan'), () => tab(page, 'Keys').click()]) {
      await go();
      // Tab goes on from where the focus was last; from here it begins.
      await page.evaluate(() => {
        document.body.tabIndex = -1;
        document.body.focus();
        document.body.removeAttribute('tabindex');
      });
      const { expected, reached, wrong } = await walk(page);
      none(wrong);
      // Of a group of choices, Tab reaches one; the arrow keys reach the others.
      const choices = expected.filter((at) => at.startsWith('input') && at.includes('outcome'));
      const stops = expected.filter((at) => !choices.slice(1).includes(at));
      expect(reached.filter((at) => stops.includes(at))).toEqual(stops);
    }
  });
}

test('a request is closed by keyboard alone, and the focus goes where the eye does', async ({ page }) => {
  await open(page, morning);
  const untilFocused = async (locator) => {
    for (let press = 0; press < 30; press += 1) {
      await page.keyboard.press('Tab');
      if (await locator.evaluate((element) => element === document.activeElement)) return;
    }
    throw new Error('Tab does not get there');
  };
  await untilFocused(page.getByRole('button', { name: 'Jordan' }));
  await page.keyboard.press('Enter');
  await expect(h1(page)).toHaveText('Jordan');
  await expect(h1(page)).toBeFocused();
  await untilFocused(page.getByLabel('An appointment was made'));
  await page.keyboard.press('ArrowDown');
  await expect(page.getByLabel('Reached, wants no appointment now')).toBeChecked();
  await page.keyboard.press('Tab');
  await page.keyboard.type('Will call again');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status').filter({ hasText: 'K7QM-4XT2 is closed.' })).toBeVisible();
  await expect(h1(page)).toBeFocused();
  await expect(page.getByRole('button', { name: 'Jordan' })).toHaveCount(0);
  await tab(page, /Closed/).click();
  await expect(page.getByRole('row', { name: /Jordan/ })).toContainText('Reached, wants no appointment now');
  await page.getByRole('button', { name: 'Open again K7QM-4XT2' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'K7QM-4XT2 waits again.' })).toBeVisible();
});

test('the list is searched, filtered and sorted, and a new request comes by itself', async ({ page }) => {
  await open(page, morning);
  const names = page.locator('.name-link');
  await expect(names).toHaveText(['Jordan', 'Rosa Elena Villanueva de la Torre', 'Pa Houa', 'J.']);
  await page.getByLabel('Order').selectOption('last');
  await expect(names).toHaveText(['J.', 'Pa Houa', 'Rosa Elena Villanueva de la Torre', 'Jordan']);
  await page.getByLabel('Best time').selectOption('night');
  await expect(names).toHaveText(['J.', 'Pa Houa', 'Rosa Elena Villanueva de la Torre']);
  await page.getByLabel('Language').selectOption('spanish');
  await expect(names).toHaveText(['Rosa Elena Villanueva de la Torre']);
  await show(page, 'Show all');
  for (const [typed, found] of [['(916) 555.0134', 'Rosa Elena Villanueva de la Torre'], ['k7qm', 'Jordan'], ['MI HIJO', 'Rosa Elena Villanueva de la Torre']]) {
    await page.getByLabel('Search').fill(typed);
    await expect(names).toHaveText([found]);
  }
  await page.getByLabel('Search').fill('');
  it.front.state.rows.unshift(...(await sealed([{ reference: 'NEW0-0001', name: 'Noor', minutes: 0 }], it.made)));
  it.front.state.revision += 1;
  await expect(names.first()).toHaveText('Noor', { timeout: 5_000 });
  await expect(page).toHaveTitle('(5) Front desk');
  await expect(page.getByLabel('Search')).toBeFocused();
});

test('many are closed as junk at once, and the one that somebody else closed is told apart', async ({ page }) => {
  await open(page, [...morning, ...strange]);
  await page.getByLabel('Select all 4').check();
  await page.getByRole('button', { name: 'Close 4 as junk' }).click();
  // Somebody is faster with one of them.
  const { answers } = it.front.state;
  answers.change = ({ changes }, good) => {
    const result = good({ changes: changes.slice(1) });
    const row = it.front.state.rows.find(({ reference }) => reference === changes[0].reference);
    return { ...result, results: [{ reference: row.reference, result: 'changed', row }, ...result.results] };
  };
  await show(page, 'Close them as junk');
  await expect(page.locator('.done')).toContainText('3 requests are closed. 1 was changed meanwhile');
  await expect(h1(page)).toHaveText('3 requests wait');
  expect(it.front.state.calls.filter(({ name }) => name === 'change')).toHaveLength(1);
});

test('two files of one name, dropped beside the field, are told apart', async ({ page }) => {
  await start();
  await page.goto(it.address);
  const dataTransfer = await page.evaluateHandle((text) => {
    const both = new DataTransfer();
    for (let at = 0; at < 2; at += 1) both.items.add(new File([text], 'staff-key.txt'));
    return both;
  }, locked);
  await page.locator('footer').dispatchEvent('drop', { dataTransfer });
  await expect(h1(page)).toHaveText('staff-key.txt is locked (1 of 2)');
});

test('one request fits on one sheet, black on white, and so does the sheet for the safe', async ({ page }) => {
  await open(page, morning);
  await show(page, 'Jordan');
  const sheets = async () => (await page.pdf({ preferCSSPageSize: true })).toString('latin1').match(/\/Type\s*\/Page\b/g);
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await expect(page.getByRole('button', { name: 'Close the request' })).toBeHidden();
  await expect(page.getByRole('main')).toContainText('916-555-0100');
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  await expect(page.locator('.print-only').filter({ visible: true })).toHaveText([/, 20\d\d at .*, on the English page$/, /^Printed: .*, 20\d\d at /]);
  expect(await sheets()).toHaveLength(1);
  await page.emulateMedia({ media: null });
  await page.goto(it.address);
  await show(page, 'I have no key yet: make one');
  await page.getByLabel('No: this computer').check();
  await close(page);
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await expect(page.locator('.sheet .qr')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Save my key file' })).toBeHidden();
  expect(await sheets()).toHaveLength(1);
});
