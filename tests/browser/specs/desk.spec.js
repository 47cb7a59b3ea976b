// The front desk: the page that staff open on their own computer, with requests of all kinds.
import { axe } from '../checks/axe.js';
import { forcedColours } from '../checks/forced-colours.js';
import { walk } from '../checks/keyboard.js';
import { clipped, sideways, smallTargets, spaceOut } from '../checks/layout.js';
import { headings } from '../checks/structure.js';
import { desk, morning, strange } from '../desk.js';
import { expect, fresh, laptop, none, phone, test } from '../site.js';

test.setTimeout(180_000);

let front;
test.afterEach(() => front.stop());

// No colour depends on the width.
const looks = [
  [320, {}],
  [800, { colorScheme: 'dark' }],
  [1280, { contrast: 'more' }],
  [1280, { forcedColors: 'active', colorScheme: 'dark' }],
];

const one = 'requests/K7QM-4XT2/';
const close = (page) => page.getByRole('button', { name: 'Close the request' }).click();

/** What the desk can show, with how to get there. They build on each other. */
const states = {
  'the requests that wait': (page) => page.goto(front.url),
  'a filter that takes none': (page) => page.goto(`${front.url}?time=morning&language=spanish`),
  'one request': (page) => page.goto(front.url + one),
  'a form with two mistakes': async (page) => {
    await page.goto(front.url + one);
    await page.getByLabel('Note').fill('x'.repeat(320));
    await close(page);
    await expect(page.getByRole('alert')).toContainText('Make the note shorter');
  },
  'a request for other keys': (page) => page.goto(`${front.url}requests/B8YN-55FG/`),
  'no such request': (page) => page.goto(`${front.url}requests/0000-0000/`),
  'the list after one was closed': async (page) => {
    await page.goto(front.url + one);
    await page.getByLabel('An appointment was made').check();
    await page.getByLabel('Note').fill('Monday, 9 am');
    await close(page);
    await expect(page.getByRole('status')).toContainText('K7QM-4XT2 is closed.');
  },
  'the closed requests': (page) => page.goto(`${front.url}closed/`),
  'a closed request': (page) => page.goto(front.url + one),
  'a note that could not be kept': async (page) => {
    await page.goto(`${front.url}requests/M2WR-8KPD/`);
    await page.getByLabel('Nobody could be reached').check();
    await page.getByLabel('Note').fill('No answer');
    await front.away();
    await close(page);
    await expect(page.getByLabel('Note')).toHaveValue('No answer');
  },
  'the store away': (page) => page.goto(front.url),
};

test('no state of the desk has a barrier that a program can find', async ({ page }, info) => {
  front = await desk([...morning, ...strange]);
  const findings = [];
  for (const [state, go] of Object.entries(states)) {
    await go(page);
    for (const [width, media] of looks) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme: 'light', contrast: 'no-preference', forcedColors: 'none', ...media });
      const found = [...(await axe(page, info)), ...(await sideways(page)), ...(await smallTargets(page))];
      if (media.forcedColors) found.push(...(await forcedColours(page)));
      findings.push(...found.map((finding) => `${state}, ${width} ${JSON.stringify(media)}: ${finding}`));
    }
    const found = await headings(page);
    await spaceOut(page);
    // What is longer than a text area is scrolled within it.
    found.push(...(await sideways(page)), ...(await clipped(page)).filter((finding) => !finding.startsWith('<textarea')));
    findings.push(...found.map((finding) => `${state}: ${finding}`));
  }
  none(findings);
});

test('an empty desk is kind, and has no barrier either', async ({ page }, info) => {
  front = await desk();
  for (const path of ['', 'closed/']) {
    await page.goto(front.url + path);
    await expect(page.getByRole('main')).toContainText(path ? 'No request is closed' : 'Everybody was called back');
    none([...(await axe(page, info)), ...(await headings(page)), ...(await sideways(page))]);
  }
});

for (const [name, window] of Object.entries({ phone, laptop })) {
  test(`Tab reaches everything in order, on a ${name}`, async ({ page }) => {
    front = await desk([...morning, ...strange]);
    await page.setViewportSize(window);
    for (const path of ['', one, 'closed/']) {
      await page.goto(front.url + path);
      const { expected, reached, wrong } = await walk(page);
      none(wrong.map((what) => `/${path}: ${what}`));
      // Of a group of choices, Tab reaches one; the arrow keys reach the others.
      const choices = expected.filter((at) => at.includes('outcome'));
      const stops = expected.filter((at) => !choices.slice(1).includes(at));
      expect(reached.filter((at) => stops.includes(at))).toEqual(stops);
    }
  });
}

test('a request is closed by keyboard alone, without script', async ({ browser }) => {
  front = await desk(morning);
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: laptop });
  const page = await context.newPage();
  await page.goto(front.url);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const link = page.getByRole('link', { name: 'Jordan' });
  const untilFocused = async (locator) => {
    for (let press = 0; press < 30; press += 1) {
      await page.keyboard.press('Tab');
      if (await locator.evaluate((element) => element === document.activeElement)) return;
    }
    throw new Error('Tab does not get there');
  };
  await untilFocused(link);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Jordan');
  await untilFocused(page.getByLabel('An appointment was made'));
  await page.keyboard.press('ArrowDown');
  await expect(page.getByLabel('Reached, wants no appointment now')).toBeChecked();
  await page.keyboard.press('Tab');
  await page.keyboard.type('Will call again');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status')).toContainText('K7QM-4XT2 is closed.');
  await expect(page.getByRole('link', { name: 'Jordan' })).toHaveCount(0);
  await page.getByRole('link', { name: 'Closed' }).click();
  await expect(page.getByRole('row', { name: /Jordan/ })).toContainText('Reached, wants no appointment now');
  await page.getByRole('button', { name: 'Open again K7QM-4XT2' }).click();
  await expect(page.getByRole('status')).toContainText('K7QM-4XT2 waits again.');
  await context.close();
});

fresh('nothing leaves the computer, and nothing stays in the browser', async ({ page, context }) => {
  front = await desk(morning);
  const messages = [];
  const strangers = [];
  const kept = [];
  page.on('console', (message) => messages.push(message.text()));
  page.on('request', (request) => request.url().startsWith(front.url) || strangers.push(request.url()));
  page.on('response', (response) => response.headers()['cache-control'] === 'no-store' || kept.push(response.url()));
  for (const path of ['', one, 'closed/', '?time=morning&language=']) await page.goto(front.url + path);
  await page.goto(front.url + one);
  await close(page);
  expect(await page.evaluate(() => [document.cookie, localStorage.length, sessionStorage.length])).toEqual(['', 0, 0]);
  expect(await context.cookies()).toEqual([]);
  expect([messages.filter((text) => !text.includes('422')), strangers, kept]).toEqual([[], [], []]);
});

test('one request fits on one sheet, black on white', async ({ page }) => {
  front = await desk(morning);
  await page.goto(front.url + one);
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await expect(page.getByRole('button', { name: 'Close the request' })).toBeHidden();
  await expect(page.getByRole('main')).toContainText('916-555-0100');
  const sheets = (await page.pdf({ preferCSSPageSize: true })).toString('latin1').match(/\/Type\s*\/Page\b/g);
  expect(sheets).toHaveLength(1);
});
