import { describe, expect, test } from '@jest/globals';
import {
  afterLimit,
  afterNoChange,
  afterParseError,
  afterReading,
  isStillBroken,
  planPolling,
} from './polling.ts';
import type { FeedState } from './state.ts';

const NOW = new Date('2026-11-21T10:00:02Z');
const later = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);
const answer = (freshForMs?: number, etag = '"1"') => ({ validators: { etag }, freshForMs });

describe('when a feed is asked', () => {
  test('at first without validators, then with those it sent', () => {
    expect(planPolling({}, NOW)).toEqual({ do: 'ask', validators: undefined });
    const state = afterReading(answer(), undefined, NOW);
    expect(planPolling(state, NOW)).toEqual({ do: 'ask', validators: { etag: '"1"' } });
  });

  test('not before what Cache-Control or ttl announces, whichever is longer', () => {
    const state = afterReading(answer(60 * 60_000), 120, NOW);
    expect(planPolling(state, later(90))).toMatchObject({ do: 'wait', status: 'unchanged' });
    expect(planPolling(state, later(120))).toMatchObject({ do: 'ask' });
  });

  test('a 304 makes it fresh anew, with the ttl of the version it had', () => {
    const state = afterNoChange(afterReading(answer(), 120, NOW), answer(undefined, '"2"'), later(120));
    expect(state.validators).toEqual({ etag: '"2"' });
    expect(planPolling(state, later(200))).toMatchObject({ do: 'wait' });
  });

  test('a feed that is fresh for an hour is asked every hour, some seconds early', () => {
    const state = afterReading(answer(60 * 60_000), undefined, NOW);
    expect(planPolling(state, new Date('2026-11-21T11:00:00Z'))).toMatchObject({ do: 'ask' });
    expect(planPolling(state, later(30))).toMatchObject({ do: 'wait' });
  });

  test('once a day whatever it announces', () => {
    const state = afterReading(answer(365 * 24 * 3_600_000), undefined, NOW);
    expect(planPolling(state, later(23 * 60))).toMatchObject({ do: 'wait' });
    expect(planPolling(state, later(24 * 60))).toMatchObject({ do: 'ask' });
  });

  test('not before the end of a pause that its server asked for', () => {
    const state = afterLimit(afterReading(answer(), undefined, NOW), later(30), NOW);
    expect(planPolling(state, later(29))).toMatchObject({ do: 'wait', status: 'skipped' });
    expect(planPolling(state, later(30))).toEqual({ do: 'ask', validators: { etag: '"1"' } });
    expect(planPolling(afterLimit({}, undefined, NOW), later(59))).toMatchObject({ do: 'wait' });
  });
});

describe('a feed that cannot be read', () => {
  const broken = (times: number, validators = {}) => {
    let state: FeedState = { validators: { etag: '"good"' } };
    for (let count = 0; count < times; count += 1) state = afterParseError(state, validators, NOW);
    return state;
  };

  test('is asked again twice, for all of it', () => {
    for (const times of [1, 2]) {
      expect(planPolling(broken(times, { etag: '"bad"' }), NOW)).toEqual({
        do: 'ask',
        validators: undefined,
      });
    }
  });

  test('then rests for a day', () => {
    expect(planPolling(broken(3), later(23 * 60))).toMatchObject({ do: 'wait', status: 'skipped' });
    expect(planPolling(broken(3), later(24 * 60))).toEqual({ do: 'ask', validators: undefined });
  });

  test('or until it is another version, which only its server can tell', () => {
    const state = broken(3, { etag: '"bad"' });
    expect(planPolling(state, NOW)).toEqual({ do: 'ask', validators: { etag: '"bad"' } });
    expect(isStillBroken(state, { etag: '"bad"' }, NOW)).toBe(true);
    expect(isStillBroken(state, { etag: '"new"' }, NOW)).toBe(false);
    expect(isStillBroken(state, { etag: '"bad"' }, later(24 * 60))).toBe(false);
  });

  test('is as good as any other once it was read', () => {
    expect(afterReading(answer(), undefined, NOW).broken).toBeUndefined();
  });
});
