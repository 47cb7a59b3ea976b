// Each returns findings, a text each. They run in the page, so they say what is on the screen, not what the style sheet means.

/** Makes the text twice as large, as browsers do that zoom text alone (WCAG 1.4.4); `null` ends it. */
export function enlarge(page, percent) {
  return page.evaluate((size) => { document.documentElement.style.fontSize = size; }, percent && `${percent}%`);
}

/** Whatever sticks out of the window, or would make it scroll sideways (WCAG 1.4.10). */
export function sideways(page) {
  return page.evaluate(() => {
    const root = document.documentElement;
    const findings = [];
    if (root.scrollWidth > root.clientWidth) findings.push(`the page is ${root.scrollWidth} px wide in a window of ${root.clientWidth}`);
    for (const element of document.body.querySelectorAll('*')) {
      if (element.closest('svg, .visually-hidden') || !element.checkVisibility({ visibilityProperty: true })) continue;
      const { left, right, width } = element.getBoundingClientRect();
      if (width > 0 && (right > root.clientWidth + 1 || left < -1)) {
        findings.push(`<${element.localName} class="${element.className}"> reaches from ${left.toFixed()} to ${right.toFixed()} px in a window of ${root.clientWidth}`);
      }
    }
    return findings;
  });
}

/** Text that is cut off by its own box, or leaves it (WCAG 1.4.12). */
export function clipped(page) {
  return page.evaluate(() => {
    const findings = [];
    const name = (element) => `<${element.localName} class="${element.className}"> “${element.textContent.trim().replace(/\s+/g, ' ').slice(0, 50)}”`;
    for (const element of document.body.querySelectorAll('*')) {
      if (element.closest('svg, .visually-hidden') || !element.checkVisibility({ visibilityProperty: true })) continue;
      const style = getComputedStyle(element);
      const cuts = [style.overflowX, style.overflowY].some((overflow) => overflow === 'hidden' || overflow === 'clip');
      // A picture may be cut; text may not.
      const ownText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== '');
      if (cuts && ownText && (element.scrollHeight > element.clientHeight + 1 || element.scrollWidth > element.clientWidth + 1)) {
        findings.push(`${name(element)} is cut: ${element.scrollWidth}×${element.scrollHeight} in ${element.clientWidth}×${element.clientHeight}`);
      }
      // What is in a text field scrolls there, and has no place on the page.
      if (style.display === 'inline' || element.localName === 'textarea') continue;
      const box = element.getBoundingClientRect();
      for (const text of element.childNodes) {
        if (text.nodeType !== Node.TEXT_NODE || text.data.trim() === '') continue;
        const range = document.createRange();
        range.selectNodeContents(text);
        const inside = range.getBoundingClientRect();
        if (inside.right > box.right + 1 || inside.bottom > box.bottom + 4 || inside.left < box.left - 1) {
          findings.push(`${name(element)} leaves its box: text to ${inside.right.toFixed()},${inside.bottom.toFixed()}, box to ${box.right.toFixed()},${box.bottom.toFixed()}`);
        }
      }
    }
    return findings;
  });
}

/** Controls that a thumb can miss: less than 44 × 44 px to hit. A link within a sentence is excepted, as in WCAG 2.5.5. */
export function smallTargets(page) {
  return page.evaluate(() => {
    const wanted = 44;
    const findings = [];
    const words = (node) => node.textContent.trim() !== '';
    const inSentence = (link) => {
      if (getComputedStyle(link).display !== 'inline') return false;
      let block = link.parentElement;
      while (getComputedStyle(block).display === 'inline') block = block.parentElement;
      const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) if (words(walker.currentNode) && !walker.currentNode.parentElement.closest('a, button, .visually-hidden')) return true;
      return false;
    };
    for (const control of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')) {
      if (control.matches('.skip') || !control.checkVisibility({ visibilityProperty: true }) || inSentence(control)) continue;
      control.scrollIntoView({ block: 'center', behavior: 'instant' });
      const box = control.getClientRects()[0];
      // What counts is what answers a tap: a box may be widened by a pseudo-element, or covered by something else.
      const label = control.labels?.[0];
      const mine = (x, y) => {
        const hit = document.elementFromPoint(x, y);
        return hit !== null && (control.contains(hit) || (label?.contains(hit) ?? false));
      };
      // How far it answers on both sides of the middle, no further than it takes.
      const reach = (dx, dy) => {
        let far = 1;
        for (const side of [-1, 1]) for (let step = 1; far < wanted && mine(x + side * dx * step, y + side * dy * step); step += 1) far += 1;
        return far;
      };
      const x = box.x + box.width / 2;
      const y = box.y + box.height / 2;
      if (!mine(x, y)) {
        findings.push(`${control.outerHTML.slice(0, 120)} is covered by something else`);
        continue;
      }
      const [width, height] = [reach(1, 0), reach(0, 1)];
      if (width < wanted || height < wanted) {
        findings.push(`“${control.textContent.trim().replace(/\s+/g, ' ')}” (${control.getAttribute('href') ?? control.name}) is ${width}×${height} px`);
      }
    }
    return findings;
  });
}

/** Spaces all text out, as far as WCAG 1.4.12 lets a reader ask for. An adopted sheet: the Content-Security-Policy refuses a <style>. */
export function spaceOut(page) {
  return page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
      * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
      p { margin-block-end: 2em !important; }`);
    document.adoptedStyleSheets = [sheet];
  });
}
