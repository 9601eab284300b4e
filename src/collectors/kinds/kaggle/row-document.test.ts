import { describe, expect, test } from '@jest/globals';
import { createRowReader } from './row-document.ts';
import { settingsSchema } from './settings.ts';

function readerOf(header: readonly string[], settings: Readonly<Record<string, unknown>> = {}, version = 1) {
  const [dataset] = settingsSchema.parse({ datasets: [{ ref: 'o/d', ...settings }] }).datasets;
  if (dataset === undefined) throw new Error('There is one.');
  return createRowReader(header, {
    dataset,
    file: 'a.csv',
    version,
    licence: undefined,
    dateOrder: dataset.dateOrder,
  });
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
    const settings = { titleColumn: 't', dateColumn: 'd' };
    expect(readerOf(['x'], settings).missingColumns).toEqual(['t', 'd']);
    expect(() => readerOf(['x'], { ...settings, files: ['a.csv'] })).toThrow(
      'a.csv has no column t, d; it has x.',
    );
    expect(() => readerOf(['x'], { keyColumns: ['x', 'k'] })).toThrow('a.csv has no column k');
  });

  test('keeps the value of a column called __proto__', () => {
    const found = readerOf(['__proto__']).read(['1']);
    expect(typeof found === 'string' ? found : found.payload?.['row']).toEqual({ column_1__proto__: '1' });
  });
});

test('reads the date column, or says why it cannot', () => {
  const read = (text: string, settings = {}) =>
    readerOf(['d'], { dateColumn: 'd', ...settings }).read([text]);
  expect(read('26 août 2026 10:00')).toMatchObject({ publishedAt: new Date('2026-08-26T10:00:00Z') });
  expect(read('03/04/2026')).toMatchObject({ dateProblem: { reason: 'ambiguous_date', text: '03/04/2026' } });
  expect(read('03/04/2026', { dateOrder: 'dmy' })).toMatchObject({ publishedAt: new Date('2026-04-03') });
  expect(read('')).toMatchObject({ dateProblem: { reason: 'no_date' } });
  expect(readerOf(['d']).read(['2026-02-30'])).not.toHaveProperty('dateProblem');
});
