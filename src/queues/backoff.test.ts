import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseConfig } from '../config/parse-config.ts';
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

test('with the defaults a video is retried for three days on average, and for a week at most', () => {
  const { retry } = parseConfig({
    REDIS_URL: 'redis://127.0.0.1:6379',
    MONGO_URL: 'mongodb://127.0.0.1/sonotheque',
    MINIO_ENDPOINT: '127.0.0.1:9000',
    MINIO_ACCESS_KEY: 'access',
    MINIO_SECRET_KEY: 'secret-secret',
  });
  const totalDays = (random: number) =>
    Array.from({ length: retry.rounds }, (_, round) => retryDelayMs(round, retry, () => random)).reduce(
      (sum, delayMs) => sum + delayMs / 86_400_000,
      0,
    );
  expect(totalDays(0.5)).toBeGreaterThanOrEqual(3);
  expect(totalDays(0.999_999)).toBeLessThan(7);
});
