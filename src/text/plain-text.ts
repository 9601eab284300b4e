const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** Marks that turn the direction of the text around them or that nobody sees; joiners of scripts and emoji stay. */
const HIDDEN_MARKS = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** UTF-16 units that a character may take: a family emoji has 11, stacked accents more. */
const MOST_UNITS = 20;

/**
 * Makes a text from outside fit to be shown: one line, no control characters (they could move a terminal's cursor)
 * and no marks that hide or turn text, cut to a length.
 */
export function plainText(text: string, maxLength: number): string {
  // A character as people see it has no longest form; what is far too long is cut before it is looked at.
  const raw = text.slice(0, maxLength * MOST_UNITS);
  const line = raw
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(HIDDEN_MARKS, '')
    .trim();
  const visible = visibleCharacters(line);
  if (visible.length <= maxLength && raw.length === text.length) return line;
  return `${visible.slice(0, maxLength - 1).join('')}…`;
}

/** The characters of a text as people see them. */
export function visibleCharacters(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}
