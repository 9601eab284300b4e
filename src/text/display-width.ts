import { visibleCharacters } from './plain-text.ts';

/** Scripts and symbols whose characters take two columns of a terminal (East Asian Width: wide and full). */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|\ufe0f/u;
/** Katakana and Hangul of half the width. */
const HALF = /[\uff61-\uffdc]/u;

/** How many columns of a terminal a text takes. */
export function displayWidth(text: string): number {
  // Most texts are ASCII, and are many: rows of tables.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  return visibleCharacters(text).reduce((sum, character) => sum + widthOf(character), 0);
}

/** Cuts a text to a number of columns; `…` stands for what is left out. */
export function cutToWidth(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let width = 1;
  let cut = '';
  for (const character of visibleCharacters(text)) {
    width += widthOf(character);
    if (width > columns) break;
    cut += character;
  }
  return `${cut.trimEnd()}…`;
}

function widthOf(character: string): number {
  return WIDE.test(character) && !HALF.test(character) ? 2 : 1;
}
