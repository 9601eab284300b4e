import { expect, test } from '@jest/globals';
import { PermanentError, TransientError } from '../domain/job-errors.ts';
import { nextPassAfterFailure } from './next-pass.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const DAY_MS = 86_400_000;
const minutesAfter = (error: TransientError | PermanentError, failedPasses: number, intervalMs = DAY_MS) =>
  (nextPassAfterFailure(error, failedPasses, intervalMs, NOW, () => 0.999).getTime() - NOW.getTime()) /
  60_000;

test('a failed pass is tried again soon, then ever later, up to the normal rhythm', () => {
  const error = new TransientError('network', 'x');
  const delays = [0, 1, 2, 3, 10, 100].map((passes) => Math.round(minutesAfter(error, passes)));
  expect(delays).toEqual([20, 40, 80, 160, 1439, 1439]);
});

test('a rhythm shorter than the least pause is kept', () => {
  expect(minutesAfter(new TransientError('network', 'x'), 5, 60_000)).toBeLessThanOrEqual(1);
});

test('what fails for good keeps its normal rhythm', () => {
  expect(minutesAfter(new PermanentError('playlist_missing', 'x'), 0)).toBe(24 * 60);
});
