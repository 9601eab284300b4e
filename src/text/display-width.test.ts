import { describe, expect, test } from '@jest/globals';
import { cutToWidth, displayWidth } from './display-width.ts';

test.each([
  ['', 0],
  ['abc', 3],
  ['été', 3],
  ['e\u0301te\u0301', 3],
  ['日本語', 6],
  ['한국어', 6],
  ['ｶﾀｶﾅ', 4],
  ['カタカナ', 8],
  ['ＡＢ', 4],
  ['…–', 2],
  ['👨‍👩‍👧‍👦', 2],
  ['❤️', 2],
  ['🇧🇯', 2],
  ['Ɛ̀gbà', 4],
  ['مرحبا', 5],
])('%s takes %i columns', (text, columns) => {
  expect(displayWidth(text)).toBe(columns);
});

describe('cut to a width', () => {
  test.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdef', 5, 'abcd…'],
    ['日本語', 6, '日本語'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['two words', 5, 'two…'],
    ['abc', 1, '…'],
  ])('%s to %i columns is %s', (text, columns, cut) => {
    expect(cutToWidth(text, columns)).toBe(cut);
    expect(displayWidth(cut)).toBeLessThanOrEqual(columns);
  });
});
