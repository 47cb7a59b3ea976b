// The widths and colours in which a page is looked at.

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
export const looks = [
  ...[320, 768, 1280].flatMap((width) => Object.entries(colours).map(([name, media]) => ({ width, name, media }))),
  { width: 1280, name: 'more contrast, dark', media: { contrast: 'more', colorScheme: 'dark' } },
  { width: 1280, name: 'forced colours, light', media: { forcedColors: 'active' } },
];
