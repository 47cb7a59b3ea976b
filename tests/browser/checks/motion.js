/** Whatever moves, or would move, on the page as it is set up now: a text each. */
export function motion(page) {
  return page.evaluate(() => {
    const findings = document.getAnimations().map((animation) => `an animation runs: ${animation.animationName ?? animation.transitionProperty ?? animation.constructor.name}`);
    const seconds = (times) => Math.max(...times.split(',').map((time) => Number.parseFloat(time)));
    for (const element of document.querySelectorAll('*')) {
      for (const pseudo of [null, '::before', '::after']) {
        const style = getComputedStyle(element, pseudo);
        const name = `<${element.localName} class="${element.getAttribute('class') ?? ''}">${pseudo ?? ''}`;
        if (style.animationName !== 'none') findings.push(`${name} is animated: ${style.animationName}`);
        if (seconds(style.transitionDuration) > 0 || seconds(style.transitionDelay) > 0) findings.push(`${name} has a transition of ${style.transitionProperty}`);
        if (!pseudo && style.scrollBehavior !== 'auto') findings.push(`${name} scrolls smoothly`);
      }
      if (['marquee', 'blink', 'animate', 'animateTransform', 'video'].includes(element.localName)) findings.push(`<${element.localName}> moves`);
    }
    const rules = (list) => {
      for (const rule of list) {
        if (rule instanceof CSSMediaRule && !matchMedia(rule.conditionText).matches) continue;
        if (rule.constructor.name === 'CSSViewTransitionRule' && rule.navigation === 'auto') findings.push('pages change with a view transition');
        if (rule.cssRules) rules(rule.cssRules);
      }
    };
    for (const sheet of [...document.styleSheets, ...document.adoptedStyleSheets]) rules(sheet.cssRules);
    return [...new Set(findings)];
  });
}
