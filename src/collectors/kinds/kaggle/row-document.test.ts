import { describe, expect, test } from '@jest/globals';
import { createRowReader } from './row-document.ts';
import { parseRowDate } from './row-date.ts';
import { settingsSchema } from './settings.ts';

function readerOf(header: readonly string[], settings: Readonly<Record<string, unknown>> = {}, version = 1) {
  const [dataset] = settingsSchema.parse({ datasets: [{ ref: 'o/d', ...settings }] }).datasets;
  if (dataset === undefined) throw new Error('There is one.');
  return createRowReader(header, { dataset, file: 'a.csv', version, licence: undefined });
}

describe('createRowReader', () => {
  test('the identity is dataset, file and values in order, without version and column names', () => {
    const expected = { dataset: 'o/d', file: 'a.csv', values: ['1', ''] };
    expect(readerOf(['x', 'y']).read(['1', ''])).toMatchObject({ identity: expected });
    expect(readerOf(['other', 'names'], {}, 2).read(['1', ''])).toMatchObject({ identity: expected });
  });

  test('the key exists only with key columns, and its parts are unambiguous', () => {
    expect(readerOf(['x', 'y']).read(['1', '2'])).not.toHaveProperty('key');
    const reader = readerOf(['x', 'y'], { keyColumns: ['x', 'y'] });
    const keys = [
      ['a', 'b,c'],
      ['a,b', 'c'],
      ['a","b', 'c'],
    ].map((row) => {
      const found = reader.read(row);
      return typeof found === 'string' ? found : found.key;
    });
    expect(new Set(keys).size).toBe(3);
    expect(reader.read(['', ' '])).toBe('empty_key');
  });

  test('accepts empty values after the last column and rejects other numbers of values', () => {
    const reader = readerOf(['x', 'y']);
    expect(reader.read(['1', '2', '', ''])).toMatchObject({ payload: { row: { x: '1', y: '2' } } });
    expect(reader.read(['1', '2', '3'])).toBe('wrong_number_of_columns');
    expect(reader.read(['1'])).toBe('wrong_number_of_columns');
  });

  test('lists missing columns of the settings and requires the key columns', () => {
    expect(readerOf(['x'], { titleColumn: 't', dateColumn: 'd' }).missingColumns).toEqual(['t', 'd']);
    expect(() => readerOf(['x'], { keyColumns: ['x', 'k'] })).toThrow('a.csv has no column k');
  });

  test('keeps the value of a column called __proto__', () => {
    const found = readerOf(['__proto__']).read(['1']);
    expect(typeof found === 'string' ? found : found.payload?.['row']).toEqual({ column_1__proto__: '1' });
  });
});

describe('parseRowDate', () => {
  test.each([
    ['2026-11-21', '2026-11-21T00:00:00.000Z'],
    [' 2026/11/21 ', '2026-11-21T00:00:00.000Z'],
    ['2026-11-21 10:30', '2026-11-21T10:30:00.000Z'],
    ['2026-11-21T10:30:05.25+0100', '2026-11-21T09:30:05.250Z'],
    ['2026-11-21 10:30:05 UTC', '2026-11-21T10:30:05.000Z'],
    ['2026-11-21T10:30:05+01:00', '2026-11-21T09:30:05.000Z'],
    ['1700000000', '2023-11-14T22:13:20.000Z'],
    ['1700000000123', '2023-11-14T22:13:20.123Z'],
  ])('%j is %s', (text, iso) => {
    expect(parseRowDate(text)?.toISOString()).toBe(iso);
  });

  test.each([
    '',
    'yesterday',
    '03/04/2020',
    '2026-02-30',
    '2026-13-01',
    '2026-11-21 25:00',
    '20261121',
    '2020',
  ])('%j is not parsed', (text) => {
    expect(parseRowDate(text)).toBeUndefined();
  });
});
