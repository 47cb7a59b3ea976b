// Headings, names of sections, languages: what a screen reader's user finds the way by.

/** One h1, no level left out, none empty; every section and list of links has a name. */
export function headings(page) {
  return page.evaluate(() => {
    const findings = [];
    const words = (element) => element.textContent.trim().replace(/\s+/g, ' ').slice(0, 50);
    // By their order in the document, as a screen reader lists them.
    const all = [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].filter((heading) => heading.checkVisibility());
    const first = all.filter((heading) => heading.localName === 'h1');
    if (first.length !== 1) findings.push(`there are ${first.length} h1`);
    if (!first[0]?.closest('main')) findings.push('the h1 is not in <main>');
    let before = 0;
    for (const heading of all) {
      const level = Number(heading.localName[1]);
      if (level > before + 1) findings.push(`<h${level}> “${words(heading)}” comes after ${before === 0 ? 'nothing' : `an <h${before}>`}`);
      if (words(heading) === '') findings.push(`an <h${level}> is empty`);
      before = level;
    }
    const named = (element) => {
      const ids = (element.getAttribute('aria-labelledby') ?? '').split(/\s+/).filter(Boolean);
      return ids.length > 0 ? ids.every((id) => document.getElementById(id)?.textContent.trim()) : Boolean(element.getAttribute('aria-label')?.trim());
    };
    for (const section of document.querySelectorAll('section, nav, [role=region]')) {
      if (!named(section)) findings.push(`<${section.localName} class="${section.className}"> has no name`);
    }
    return findings;
  });
}

/** The language of the page is that of its path, its parts have a known one, and its translations lead to pages in their language. */
export function languages(page, language) {
  return page.evaluate((language) => {
    const findings = [];
    if (document.documentElement.lang !== language) findings.push(`<html lang="${document.documentElement.lang}"> on a page in "${language}"`);
    for (const part of document.body.querySelectorAll('[lang]')) {
      try {
        Intl.getCanonicalLocales(part.lang);
      } catch {
        findings.push(`lang="${part.lang}" is no language`);
      }
    }
    for (const link of document.body.querySelectorAll('a[hreflang]')) {
      // The name of a language, in that language.
      if (link.hreflang !== language && !link.closest(`[lang="${link.hreflang}"]`) && link.querySelector(`[lang="${link.hreflang}"]`) === null) {
        findings.push(`“${link.textContent.trim()}” leads to a page in "${link.hreflang}", and is not marked as words of it`);
      }
    }
    return findings;
  }, language);
}

/** Every text of at least five words that is not marked as another language than the page's own. */
export function ownTexts(page) {
  return page.evaluate(() => {
    const texts = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const { currentNode: text } = walker;
      const words = text.data.trim().replace(/\s+/g, ' ');
      if (!/(\p{L}{2,}.*){5}/u.test(words) || words.split(' ').length < 5) continue;
      if (text.parentElement.closest('[lang]').lang === document.documentElement.lang && !text.parentElement.closest('script, style')) texts.push(words);
    }
    return texts;
  });
}

/** Where this page is in other languages, by what the page itself says: `{ en: '/group-therapy/', es: … }`. */
export async function translations(page) {
  const links = await page.locator('link[rel=alternate][hreflang]').evaluateAll((all) => all.map((link) => [link.hreflang, new URL(link.href).pathname]));
  return Object.fromEntries(links.filter(([language]) => language !== 'x-default').map(([language, path]) => [language.slice(0, 2), path]));
}
