import { describe, expect, test } from '@jest/globals';
import { columnIndex, columnNames } from './columns.ts';

describe('columnNames', () => {
  test('replaces empty and reserved names', () => {
    expect(columnNames([' id ', 'a.b', '', ' ', '__proto__', 'constructor'])).toEqual([
      'id',
      'a.b',
      'column_3',
      'column_4',
      'column_5__proto__',
      'column_6constructor',
    ]);
  });

  test('makes names unique', () => {
    expect(columnNames(['a', 'a', 'a_2', 'a'])).toEqual(['a', 'a_2', 'a_2_2', 'a_3']);
  });
});

test('columnIndex finds a column by its name in the file and in documents', () => {
  const header = ['id', ' a.b ', ''];
  const names = columnNames(header);
  expect(columnIndex('a.b', header, names)).toBe(1);
  expect(columnIndex(' id', header, names)).toBe(0);
  expect(columnIndex('column_3', header, names)).toBe(2);
  expect(columnIndex('gone', header, names)).toBe(-1);
});
