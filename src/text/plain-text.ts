/** Made when a text needs it: it takes more time than all else that a short command loads of this program. */
let segmenter: Intl.Segmenter | undefined;
/** Marks that are invisible or change the direction of the text; joiners of scripts and emoji stay. */
const HIDDEN_MARKS = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** Each unit is a visible character. */
const PRINTABLE_ASCII = /^[\u0020-\u007e]*$/;

/** UTF-16 units that a visible character may take: a family emoji has 11, stacked accents more. */
const MOST_UNITS = 20;

/**
 * Makes a text from outside safe to show: one line, without control characters (they could move a terminal's cursor)
 * and without marks that hide or reverse text, cut to a length.
 * @param maxLength in visible characters
 */
export function plainText(text: string, maxLength: number): string {
  if (text.length <= maxLength && PRINTABLE_ASCII.test(text)) return text.trim();
  // A visible character may have any number of units: a text that is far too long is cut before it is segmented.
  const raw = text.slice(0, maxLength * MOST_UNITS);
  const line = raw
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(HIDDEN_MARKS, '')
    .trim();
  const visible = visibleCharacters(line);
  if (visible.length <= maxLength && raw.length === text.length) return line;
  return `${visible.slice(0, maxLength - 1).join('')}…`;
}

/** The characters of a text as people see them (grapheme clusters). */
export function visibleCharacters(text: string): string[] {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}
