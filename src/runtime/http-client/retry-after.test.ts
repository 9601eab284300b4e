import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { retryAfterOf } from './retry-after.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const WEEK_MS = 7 * 24 * 3_600_000;

function pauseMs(value: string, more: Readonly<Record<string, string>> = {}): number | undefined {
  const at = retryAfterOf(new Headers({ 'retry-after': value, ...more }), NOW);
  return at === undefined ? undefined : at.getTime() - NOW.getTime();
}

describe('Retry-After', () => {
  test.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['1.5', 1500],
    ['Sun, 01 Mar 2026 12:05:00 GMT', 300_000],
    ['Sunday, 01-Mar-26 12:05:00 GMT', 300_000],
    ['Sun Mar  1 12:05:00 2026', 300_000],
    ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
    ['99999999999', WEEK_MS],
    ['-5', undefined],
    ['soon', undefined],
    ['', undefined],
    ['2026-03-01T12:05:00Z', undefined],
  ])('of %j is a pause of %j ms', (value, expected) => {
    expect(pauseMs(value)).toBe(expected);
  });

  test('is read by the clock of the server', () => {
    const date = 'Sun, 01 Mar 2026 15:00:00 GMT';
    expect(pauseMs('Sun, 01 Mar 2026 15:01:00 GMT', { date })).toBe(60_000);
  });

  test('is undefined when it is not there', () => {
    expect(retryAfterOf(new Headers(), NOW)).toBeUndefined();
  });

  test('is never before now nor more than a week after', () => {
    const dates = fc.date({ noInvalidDate: true }).map((date) => date.toUTCString());
    const values = fc.oneof(dates, fc.nat().map(String), fc.stringMatching(/^[ -~]*$/));
    fc.assert(
      fc.property(values, (value) => {
        const pause = pauseMs(value) ?? 0;
        expect(pause).toBeGreaterThanOrEqual(0);
        expect(pause).toBeLessThanOrEqual(WEEK_MS);
      }),
    );
  });
});
