// The form for an appointment: with a mistake, mended, and sent.
import * as check from '../checks.js';
import { until } from '../engines/tab.js';
import { phone } from './site.js';

const forms = { en: '/appointments/', es: '/es/citas/' };
const typed = { name: 'Zebulon Quill', phone: '916-555-0142', note: 'Xylophone <b>"quoted"</b>' };
const kept = /\/([0-9A-Z]{4}-[0-9A-Z]{4})\/(#\w+)?$/;

/** What is wrong on the way through a form, in one language. */
async function walk(tab, site, lang) {
  const findings = [];
  await tab.go(new URL(forms[lang], site.url));
  const title = await tab.evaluate(() => document.title);
  for (const name of ['name', 'note']) await tab.type(`form [name=${name}]`, typed[name]);
  await tab.click('form button.button');
  await tab.there('[role=alert]');

  const back = await tab.evaluate(() => {
    const { top, bottom } = document.querySelector('[role=alert]').getBoundingClientRect();
    return {
      lang: document.documentElement.lang,
      title: document.title,
      summary: top < innerHeight && bottom > 0,
      values: Object.fromEntries(['name', 'phone', 'note'].map((name) => [name, document.querySelector(`form [name=${name}]`).value])),
      invalid: [...document.querySelectorAll('form [aria-invalid=true]')].map(({ name }) => name),
      edge: getComputedStyle(document.querySelector('form [aria-invalid]')).borderTopWidth,
    };
  });
  if (back.lang !== lang) findings.push(`the form comes back in "${back.lang}"`);
  if (back.title === title) findings.push('the title says nothing of a mistake');
  if (!back.summary) findings.push('the summary of mistakes is not in the window');
  for (const name of ['name', 'note']) if (back.values[name] !== typed[name]) findings.push(`${name} comes back as ${JSON.stringify(back.values[name])}`);
  if (back.invalid.join() !== 'phone') findings.push(`marked as wrong: ${back.invalid.join() || 'nothing'}`);
  if (back.edge !== '4px') findings.push(`the edge of what is wrong is ${back.edge}`);
  findings.push(...(await check.layout(tab)));

  // What was lost can't be sent.
  if (findings.length > 0) return findings;

  // By keyboard, from where the address leads to.
  await tab.press('Tab');
  const stop = await tab.evaluate(() => document.activeElement.closest('[role=alert]')?.localName ?? document.activeElement.outerHTML.slice(0, 60));
  if (stop !== 'div') findings.push(`the first stop is not in the summary, but ${stop}`);
  await tab.click('[role=alert] a');
  await until('the focus on the field of the first mistake', () => tab.evaluate(() => document.activeElement.name === 'phone'));
  await tab.type('form [name=phone]', typed.phone);
  await tab.press('Enter');
  await until('the page with a reference', async () => kept.test(await tab.url()));

  const [, reference] = (await tab.url()).match(kept);
  const sent = await tab.evaluate(() => ({ text: document.querySelector('main').innerText, all: document.body.innerText, cookie: document.cookie, stored: localStorage.length + sessionStorage.length }));
  if (!sent.text.includes(reference)) findings.push('the reference is not on the page');
  for (const value of Object.values(typed)) if (sent.all.includes(value)) findings.push(`"${value}" is on the page`);
  if (sent.cookie !== '' || sent.stored > 0) findings.push(`kept in the browser: ${sent.cookie} ${sent.stored}`);
  findings.push(...(await check.layout(tab)));
  await tab.reload();
  if (!(await tab.evaluate(() => document.querySelector('main').innerText)).includes(reference)) findings.push('a reload loses the reference');
  return findings;
}

const both = async (tab, site) => {
  const findings = [];
  for (const lang of Object.keys(forms)) findings.push(...(await walk(tab, site, lang)).map((finding) => `${lang}: ${finding}`));
  return findings;
};

export const scenarios = [
  { name: 'form: a mistake, then sent', look: { ...phone, lessMotion: true }, run: both },
  { name: 'form: the same without script', look: { ...phone, lessMotion: true, script: false }, run: both },
];
