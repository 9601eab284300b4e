import { expect, test } from '@jest/globals';
import { copyFigures, formatFigures } from './copy-figures.ts';

const MB = 1_000_000;

test.each([
  ['at the beginning', { planned: 0, plannedBytes: 0, done: 0, bytes: 0, errors: 0 }, 0, '0 B, 0 B/s'],
  [
    'large objects go by their size',
    { planned: 4, plannedBytes: 400 * MB, done: 0, bytes: 100 * MB, errors: 0 },
    10,
    '100.0 MB, 10.0 MB/s, 30 s left',
  ],
  [
    'small objects go by their number',
    { planned: 1000, plannedBytes: MB, done: 100, bytes: 0.9 * MB, errors: 2 },
    60,
    '900.0 kB, 15.0 kB/s, 9 min left, 2 errors',
  ],
  [
    'at the end',
    { planned: 10, plannedBytes: 10 * MB, done: 10, bytes: 12 * MB, errors: 1 },
    10,
    '12.0 MB, 1.2 MB/s, 1 error',
  ],
])('%s', (_when, counts, seconds, text) => {
  expect(formatFigures(copyFigures(counts, seconds))).toBe(text);
});
