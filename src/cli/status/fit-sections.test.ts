import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { displayWidth } from '../../text/display-width.ts';
import { fitSections } from './fit-sections.ts';

const rowsOf = (count: number) =>
  Array.from({ length: count }, (_value, index) => `row ${String(index + 1)}`);
const section = (title: string, rows: number, isTrouble = false) => ({
  text: [title, ...rowsOf(rows)].join('\n'),
  isTrouble,
});
const LARGE = { rows: 50, columns: 80 };

test('what fits is shown whole, trouble first, with the footer', () => {
  expect(fitSections([section('VIDEOS', 2), section('PAUSED: download', 1, true)], 'footer', LARGE)).toEqual([
    ...['PAUSED: download', 'row 1', '', 'VIDEOS', 'row 1', 'row 2', 'footer'],
  ]);
});

test('a long part is cut and says how much is left out; the parts after it keep their place', () => {
  const lines = fitSections([section('PLAYLISTS', 100), section('QUEUES', 1)], 'footer', {
    rows: 10,
    columns: 80,
  });
  expect(lines).toEqual([
    ...['PLAYLISTS', 'row 1', 'row 2', 'row 3', 'row 4', '  … 96 more lines', '', 'QUEUES', 'row 1'],
    'footer',
  ]);
});

test('parts without a place are named in the last line, and never those with trouble', () => {
  const sections = [section('VIDEOS', 7), section('NEXT RETRIES', 5), section('WARNING: x', 4, true)];
  const lines = fitSections(sections, 'footer', { rows: 6, columns: 80 });
  expect(lines).toEqual([
    ...['WARNING: x', 'row 1', 'row 2', 'row 3', 'row 4'],
    'Not shown, as the window is too low: VIDEOS, NEXT RETRIES',
  ]);
});

test('the first line of each part is marked after it was cut', () => {
  const long = section('X'.repeat(100), 1);
  const [first] = fitSections([long], '', { rows: 9, columns: 20 }, (line) => `<${line}>`);
  expect(first).toBe(`<${'X'.repeat(19)}…>`);
});

describe('whatever there is', () => {
  test('the screen has no more lines than rows and none is longer than a row', () => {
    const sections = fc.array(
      fc.record({
        text: fc
          .array(fc.string({ unit: 'grapheme', maxLength: 60 }), { minLength: 1, maxLength: 40 })
          .map((lines) => lines.map((line) => line.replaceAll(/\p{C}/gu, '')).join('\n')),
        isTrouble: fc.boolean(),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(
        sections,
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 100 }),
        (parts, rows, columns) => {
          const lines = fitSections(parts, 'footer', { rows, columns });
          expect(lines.length).toBeLessThanOrEqual(rows);
          expect(lines.filter((line) => displayWidth(line) > columns)).toEqual([]);
        },
      ),
    );
  });
});
