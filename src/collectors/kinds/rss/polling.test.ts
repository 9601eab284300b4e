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
const response = (freshForMs?: number, etag = '"1"') => ({ validators: { etag }, freshForMs });

describe('planPolling', () => {
  test('fetches first without validators, then with those of the last response', () => {
    expect(planPolling({}, NOW)).toEqual({ do: 'fetch', validators: undefined });
    const state = afterReading(response(), undefined, NOW);
    expect(planPolling(state, NOW)).toEqual({ do: 'fetch', validators: { etag: '"1"' } });
  });

  test('skips a feed while Cache-Control or ttl declares it fresh, whichever is longer', () => {
    const state = afterReading(response(60 * 60_000), 120, NOW);
    expect(planPolling(state, later(90))).toMatchObject({ do: 'skip', status: 'unchanged' });
    expect(planPolling(state, later(120))).toMatchObject({ do: 'fetch' });
  });

  test('a 304 renews the freshness with the ttl of the known version', () => {
    const state = afterNoChange(afterReading(response(), 120, NOW), response(undefined, '"2"'), later(120));
    expect(state.validators).toEqual({ etag: '"2"' });
    expect(planPolling(state, later(200))).toMatchObject({ do: 'skip' });
  });

  test('a feed that is fresh for an hour is fetched every hour, some seconds early', () => {
    const state = afterReading(response(60 * 60_000), undefined, NOW);
    expect(planPolling(state, new Date('2026-11-21T11:00:00Z'))).toMatchObject({ do: 'fetch' });
    expect(planPolling(state, later(30))).toMatchObject({ do: 'skip' });
  });

  test('fetches once a day whatever freshness is announced', () => {
    const state = afterReading(response(365 * 24 * 3_600_000), undefined, NOW);
    expect(planPolling(state, later(23 * 60))).toMatchObject({ do: 'skip' });
    expect(planPolling(state, later(24 * 60))).toMatchObject({ do: 'fetch' });
  });

  test('skips a feed during a pause that its server asked for', () => {
    const state = afterLimit(afterReading(response(), undefined, NOW), later(30), NOW);
    expect(planPolling(state, later(29))).toMatchObject({ do: 'skip', status: 'skipped' });
    expect(planPolling(state, later(30))).toEqual({ do: 'fetch', validators: { etag: '"1"' } });
    expect(planPolling(afterLimit({}, undefined, NOW), later(59))).toMatchObject({ do: 'skip' });
  });
});

describe('a feed that cannot be parsed', () => {
  const broken = (times: number, validators = {}) => {
    let state: FeedState = { validators: { etag: '"good"' } };
    for (let count = 0; count < times; count += 1) state = afterParseError(state, validators, NOW);
    return state;
  };

  test('is fetched again twice, without validators', () => {
    for (const times of [1, 2]) {
      expect(planPolling(broken(times, { etag: '"bad"' }), NOW)).toEqual({
        do: 'fetch',
        validators: undefined,
      });
    }
  });

  test('then is paused for a day', () => {
    expect(planPolling(broken(3), later(23 * 60))).toMatchObject({ do: 'skip', status: 'skipped' });
    expect(planPolling(broken(3), later(24 * 60))).toEqual({ do: 'fetch', validators: undefined });
  });

  test('or until the server reports another version', () => {
    const state = broken(3, { etag: '"bad"' });
    expect(planPolling(state, NOW)).toEqual({ do: 'fetch', validators: { etag: '"bad"' } });
    expect(isStillBroken(state, { etag: '"bad"' }, NOW)).toBe(true);
    expect(isStillBroken(state, { etag: '"new"' }, NOW)).toBe(false);
    expect(isStillBroken(state, { etag: '"bad"' }, later(24 * 60))).toBe(false);
  });

  test('is no longer broken once it was parsed', () => {
    expect(afterReading(response(), undefined, NOW).broken).toBeUndefined();
  });
});
