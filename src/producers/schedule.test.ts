import { expect, test } from '@jest/globals';
import { PermanentError, TransientError } from '../domain/job-errors.ts';
import { nextExpansionAfterFailure } from './schedule.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const DAY_MS = 86_400_000;
const minutesAfter = (
  error: TransientError | PermanentError,
  failedExpansions: number,
  intervalMs = DAY_MS,
) =>
  (nextExpansionAfterFailure(error, failedExpansions, intervalMs, NOW, () => 0.999).getTime() -
    NOW.getTime()) /
  60_000;

test('a failed expansion is repeated soon, then with growing delays up to the normal interval', () => {
  const error = new TransientError('network', 'x');
  const delays = [0, 1, 2, 3, 10, 100].map((failures) => Math.round(minutesAfter(error, failures)));
  expect(delays).toEqual([20, 40, 80, 160, 1439, 1439]);
});

test('an interval shorter than the minimum delay is kept', () => {
  expect(minutesAfter(new TransientError('network', 'x'), 5, 60_000)).toBeLessThanOrEqual(1);
});

test('a permanent failure keeps the normal interval', () => {
  expect(minutesAfter(new PermanentError('playlist_missing', 'x'), 0)).toBe(24 * 60);
});
