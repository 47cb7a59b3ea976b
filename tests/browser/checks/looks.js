// The widths and colors in which a page is looked at.

/** What a browser is set to before a look changes it. */
export const plain = { colorScheme: 'light', contrast: 'no-preference', forcedColors: 'none' };
const colours = {
  light: {},
  dark: { colorScheme: 'dark' },
  'more contrast': { contrast: 'more' },
  // As Windows' own contrast themes are: light on dark.
  'forced colours': { forcedColors: 'active', colorScheme: 'dark' },
};
/** Each of them: `{ width, name, media }`. */
const everyLook = [
  ...[320, 768, 1280].flatMap((width) => Object.entries(colours).map(([name, media]) => ({ width, name, media }))),
  { width: 1280, name: 'more contrast, dark', media: { contrast: 'more', colorScheme: 'dark' } },
  { width: 1280, name: 'forced colours, light', media: { forcedColors: 'active' } },
];

// Each width and each choice of colors comes up.
const fourLooks = [[320, 'light'], [768, 'more contrast'], [1280, 'dark'], [320, 'forced colours']].map(([width, name]) => everyLook.find((look) => look.width === width && look.name === name));

/** Whether every page gets every look, as `tests/run matrix` asks for. */
export const matrix = Boolean(process.env.CLINIC_BROWSER_MATRIX);

// One page of each make: home, the urgent page, the form and a service. The gallery of a preview (documents.spec.js) holds every component. Other languages
// have the same makes and colors: what differs is how long words are, which four looks show.
export const examples = ['/', '/get-help-now/', '/appointments/', '/group-therapy/'];

/** Every look for what shows all there is to see, four for what others show too. */
export const looks = (everything) => (matrix || everything ? everyLook : fourLooks);

/** Fails when an example is no page of the site any more. */
export function assertExamples(pages) {
  const gone = examples.filter((path) => !pages.includes(path));
  if (gone.length > 0) throw new Error(`looks.js names pages that the site does not have: ${gone.join(', ')}`);
}
