import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { attemptDelayMs, retryDelayMs } from './backoff.ts';

const LIMITS = { minDelayMs: 60_000, maxDelayMs: 6 * 3_600_000 };

describe('the wait in the retry queue', () => {
  test.each([
    [0, 0, 60_000],
    [0, 0.5, 90_000],
    [1, 0.5, 150_000],
    [3, 0.999_999, 959_999],
    [20, 0.999_999_999, 21_600_000],
    [5_000, 0.5, 10_830_000],
  ])('round %i with chance %d waits %i ms', (round, chance, expected) => {
    expect(retryDelayMs(round, LIMITS, () => chance)).toBe(expected);
  });

  test('stays within its limits whatever the round and the chance', () => {
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(
        fc.nat(10_000),
        chance,
        fc.integer({ min: 1, max: 10_000 }),
        fc.nat(10_000_000),
        (round, value, min, more) => {
          const limits = { minDelayMs: min, maxDelayMs: min + more };
          const delayMs = retryDelayMs(round, limits, () => value);
          expect(delayMs).toBeGreaterThanOrEqual(limits.minDelayMs);
          expect(delayMs).toBeLessThanOrEqual(limits.maxDelayMs);
        },
      ),
    );
  });
});

describe('the pause between attempts in a queue', () => {
  test.each([
    [1, 0, 2_500],
    [1, 0.999_999, 5_000],
    [2, 0, 5_000],
    [3, 0.5, 15_000],
  ])('after attempt %i with chance %d: %i ms', (attemptsMade, chance, expected) => {
    expect(attemptDelayMs(attemptsMade, 5_000, () => chance)).toBe(expected);
  });
});
