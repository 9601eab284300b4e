import { describe, expect, test } from '@jest/globals';
import { CronExpressionParser } from 'cron-parser';
import { nextTick, previousTick } from './cron.ts';

const HOUR_MS = 3_600_000;

/** All times when a schedule fires, found forward, as BullMQ finds them. `fromMs` must not be near a clock change. */
function ticksFrom(pattern: string, timeZone: string, fromMs: number, toMs: number): Date[] {
  const ticks = CronExpressionParser.parse(pattern, { tz: timeZone, currentDate: new Date(fromMs) });
  const found: Date[] = [];
  for (let tick = ticks.next().toDate(); tick.getTime() <= toMs; tick = ticks.next().toDate())
    found.push(tick);
  return found;
}

describe('the latest time that a schedule has fired', () => {
  test.each([
    ['Europe/Paris', 'spring', '2026-03-29T01:00:00Z'],
    ['Europe/Paris', 'autumn', '2026-10-25T01:00:00Z'],
    ['America/New_York', 'spring', '2026-03-08T07:00:00Z'],
    ['America/New_York', 'autumn', '2026-11-01T06:00:00Z'],
  ])(
    'is, about the hour in which the clocks of %s change in %s and a day later, the last one found forward',
    (timeZone, _season, change) => {
      const changeMs = Date.parse(change);
      const hours = (from: number, to: number) =>
        Array.from({ length: (to - from) * 4 }, (_, index) => changeMs + (from + index / 4) * HOUR_MS);
      const moments = [...hours(-3, 4), ...hours(23, 27)];
      for (const pattern of ['0 2 * * *', '30 1 * * *', '*/20 * * * *']) {
        const ticks = ticksFrom(pattern, timeZone, changeMs - 36 * HOUR_MS, changeMs + 27 * HOUR_MS);
        for (const at of moments) {
          const expected = ticks.findLast((tick) => tick.getTime() <= at);
          const found = previousTick({ pattern, timeZone }, new Date(at));
          expect({ pattern, at: new Date(at), found }).toEqual({
            pattern,
            at: new Date(at),
            found: expected,
          });
        }
      }
    },
  );

  test('is the time itself when it fires at that moment, and the next one is later', () => {
    const schedule = { pattern: '0 * * * *', timeZone: 'Europe/Paris' };
    const at = new Date('2026-06-01T10:00:00Z');
    expect(previousTick(schedule, at)).toEqual(at);
    expect(previousTick(schedule, new Date(at.getTime() - 1))).toEqual(new Date('2026-06-01T09:00:00Z'));
    expect(nextTick(schedule, at)).toEqual(new Date('2026-06-01T11:00:00Z'));
  });

  test.each([
    ['0 0 1 1 *', '2026-12-31T22:59:00Z', '2025-12-31T23:00:00.000Z'],
    ['0 0 29 2 *', '2027-12-01T00:00:00Z', '2024-02-28T23:00:00.000Z'],
    ['* * * * * *', '2026-06-01T10:00:00.900Z', '2026-06-01T10:00:00.000Z'],
  ])('is found for %s, however rare or busy it is', (pattern, at, expected) => {
    const schedule = { pattern, timeZone: 'Europe/Paris' };
    expect(previousTick(schedule, new Date(at)).toISOString()).toBe(expected);
  });
});
