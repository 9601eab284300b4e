import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeText, detectEncoding } from './decode-text.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const BAD_BYTE = Buffer.from([0xe9]);
/** UTF-8 with one byte that is none. */
const damaged = (before: string, after = '') =>
  Buffer.concat([Buffer.from(before), BAD_BYTE, Buffer.from(after)]);

describe('decodeText', () => {
  test.each([
    ['UTF-8 without declaration', Buffer.from('Été'), [], 'utf-8'],
    ['a declared Latin-1', latin1('Été'), ['iso-8859-1'], 'windows-1252'],
    ['a byte order mark before any declaration', Buffer.from('\uFEFFÉté'), ['latin1'], 'utf-8'],
    ['UTF-16 with its mark', Buffer.from('\uFEFFÉté', 'utf16le'), ['utf-8'], 'utf-16le'],
    ['UTF-8 that is declared as Latin-1', Buffer.from('Été'), ['iso-8859-1'], 'utf-8'],
    ['the declaration that is right', latin1('Été'), ['utf-8', 'iso-8859-1'], 'windows-1252'],
    ['an unknown label', Buffer.from('Été'), ['klingon', undefined], 'utf-8'],
    ['UTF-16 declared for single bytes', Buffer.from('Été'), ['utf-16'], 'utf-8'],
    ['Latin-1 without declaration', latin1('Été'), [], 'windows-1252'],
    ['a whole text of Latin-1 that is declared as UTF-8', latin1('Été à É'), ['utf-8'], 'windows-1252'],
  ])('reads %s', (_name, bytes, declared, encoding) => {
    const read = decodeText(bytes, declared);
    expect(read).toMatchObject({ encoding, invalidSequences: 0 });
    expect(read.text).toMatch(/^Été/);
  });

  test('reads UTF-16 without a mark by its zero bytes', () => {
    const bytes = Buffer.from('<a>é</a>', 'utf16le');
    expect(decodeText(bytes).text).toBe('<a>é</a>');
    expect(decodeText(Buffer.from(bytes).swap16()).text).toBe('<a>é</a>');
  });

  test.each([
    ['UTF-8', damaged('Été à Ouidah ', ' fin'), ['utf-8'], 'utf-8'],
    ['UTF-8 without declaration', damaged('Été à Ouidah ', ' fin'), [], 'utf-8'],
    ['ASCII that is declared as UTF-8', damaged('only ASCII ', ' fin'), ['utf-8'], 'utf-8'],
    ['UTF-8 that is declared as Latin-1', damaged('Été à é è ê ë ù û ü ', ' fin'), ['latin1'], 'utf-8'],
    ['Shift_JIS', Buffer.from([0x93, 0xfa, 0x96, 0x7b, 0xff, 0x8c, 0xea]), ['shift_jis'], 'shift_jis'],
  ])('one bad byte in %s is one U+FFFD', (_name, bytes, declared, encoding) => {
    const read = decodeText(bytes, declared);
    expect(read).toMatchObject({ encoding, invalidSequences: 1 });
    expect(read.text.split('\uFFFD')).toHaveLength(2);
  });

  test('does not count the U+FFFD that a text contains itself', () => {
    expect(decodeText(damaged('Été \uFFFD ')).invalidSequences).toBe(1);
  });

  test('any text survives one bad byte, except at its place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 50 }), (text) => {
        const before = `Été ${text}`.toWellFormed();
        expect(decodeText(damaged(before, '.'), ['utf-8']).text).toBe(`${before}\uFFFD.`);
      }),
    );
  });
});

test('detectEncoding accepts an incomplete last character and a bad byte', () => {
  expect(detectEncoding(Buffer.from('été').subarray(0, -1))).toBe('utf-8');
  expect(detectEncoding(damaged('Été à Ouidah '))).toBe('utf-8');
  expect(detectEncoding(latin1('été'))).toBe('windows-1252');
  expect(detectEncoding(latin1('L’hiver'.normalize().replace('’', '\x92')))).toBe('windows-1252');
});
