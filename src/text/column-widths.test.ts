import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fitColumns } from './column-widths.ts';

const text = (width: number) => ({ width, isNumber: false });
const number = (width: number) => ({ width, isNumber: true });

test.each([
  ['all fit', [text(10), number(5)], 20, [10, 5]],
  ['the widest text is cut', [text(44), text(20), number(5)], 60, [31, 20, 5]],
  ['texts of the same width are cut alike', [text(40), text(40)], 42, [20, 20]],
  ['numbers are never cut', [text(30), number(20)], 32, [10, 20]],
  ['no text is narrower than it may be', [text(30), number(20)], 10, [8, 20]],
  ['a file has no width', [text(500)], Infinity, [500]],
])('%s', (_what, columns, available, widths) => {
  expect(fitColumns(columns, available)).toEqual(widths);
});

test('a table that can fit does, and is as wide as the terminal where something was cut', () => {
  const columns = fc.array(fc.record({ width: fc.integer({ min: 0, max: 200 }), isNumber: fc.boolean() }), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(columns, fc.integer({ min: 1, max: 300 }), (given, available) => {
      const widths = fitColumns(given, available);
      const total = (list: readonly number[]) =>
        list.reduce((sum, width) => sum + width, 2 * (list.length - 1));
      const before = total(given.map(({ width }) => width));
      const least = total(given.map(({ width, isNumber }) => (isNumber ? width : Math.min(width, 8))));
      expect(total(widths)).toBe(before <= available ? before : Math.max(least, available));
    }),
  );
});
