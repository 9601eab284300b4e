import { describe, expect, test } from '@jest/globals';
import {
  byLatestSuccess,
  isUnhealthy,
  evaluateSource,
  type HealthState,
  type SourceRecord,
} from './health.ts';

const HOUR = 3_600_000;
const NOW = new Date('2026-05-10T12:00:00Z');
const SOURCE = {
  id: 'news',
  kind: 'rss',
  label: 'News',
  schedule: { pattern: '0 * * * *', timeZone: 'Europe/Paris' },
  freshness: { warnAfterMs: 3 * HOUR, errorAfterMs: 24 * HOUR },
  disabledReason: undefined,
};
const EMPTY: SourceRecord = {
  documents: 0,
  lastRunAt: undefined,
  lastSuccessAt: undefined,
  lastNewItemAt: undefined,
  consecutiveFailures: 0,
  lastRun: undefined,
};
const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * HOUR);
const FAILED = {
  status: 'failed',
  error: { class: 'network', message: 'The feed is gone.', advice: 'Check it.', at: NOW },
} as const;

test.each<[string, Partial<SourceRecord>, HealthState, string | null]>([
  ['nothing was ever collected', {}, 'never', 'It has never been collected.'],
  [
    'only failures so far',
    { lastRun: FAILED, consecutiveFailures: 1 },
    'never',
    'The feed is gone. Check it.',
  ],
  ['a success just now', { lastSuccessAt: hoursAgo(0) }, 'ok', null],
  ['a success within the limit, to the millisecond', { lastSuccessAt: hoursAgo(3) }, 'ok', null],
  [
    'a success past the warning limit',
    { lastSuccessAt: hoursAgo(3.01) },
    'warning',
    'No success for more than 3 h',
  ],
  [
    'a success past the error limit',
    { lastSuccessAt: hoursAgo(24.01) },
    'stale',
    'No success for more than 24 h',
  ],
  [
    'old, and the last run failed',
    { lastSuccessAt: hoursAgo(30), lastRun: FAILED },
    'stale',
    'The feed is gone.',
  ],
  [
    'one failure while fresh',
    { lastSuccessAt: hoursAgo(1), lastRun: FAILED, consecutiveFailures: 1 },
    'ok',
    null,
  ],
  [
    'failures in a row while fresh',
    { lastSuccessAt: hoursAgo(1), lastRun: FAILED, consecutiveFailures: 2 },
    'failing',
    'The feed is gone.',
  ],
  ['a run in the future, by a clock set back', { lastSuccessAt: hoursAgo(-5) }, 'ok', null],
])('%s', (_name, record, state, reason) => {
  const health = evaluateSource(SOURCE, { ...EMPTY, ...record }, NOW);
  expect(health.state).toBe(state);
  if (reason === null) expect(health.reason).toBeNull();
  else expect(health.reason).toContain(reason);
});

test('a disabled source is not evaluated and has no next run', () => {
  const health = evaluateSource({ ...SOURCE, disabledReason: 'missing OWM_API_KEY' }, EMPTY, NOW);
  expect(health).toMatchObject({ state: 'disabled', reason: 'missing OWM_API_KEY', nextRunAt: null });
  expect(isUnhealthy(health.state)).toBe(false);
});

test('a weekly source is not stale six days in seven', () => {
  const weekly = { ...SOURCE, freshness: { warnAfterMs: 8 * 24 * HOUR, errorAfterMs: 15 * 24 * HOUR } };
  expect(evaluateSource(weekly, { ...EMPTY, lastSuccessAt: hoursAgo(6 * 24) }, NOW).state).toBe('ok');
});

test('the next run is computed in the time zone of the schedule', () => {
  const daily = { ...SOURCE, schedule: { pattern: '0 2 * * *', timeZone: 'Europe/Paris' } };
  expect(evaluateSource(daily, EMPTY, NOW).nextRunAt).toEqual(new Date('2026-05-11T00:00:00Z'));
});

describe('the order', () => {
  test('is the latest success first and those without one last, by name', () => {
    const sources = [undefined, hoursAgo(5), undefined, hoursAgo(1)].map((lastSuccessAt, index) =>
      evaluateSource({ ...SOURCE, id: `source-${String(index)}` }, { ...EMPTY, lastSuccessAt }, NOW),
    );
    expect(sources.sort(byLatestSuccess).map(({ id }) => id)).toEqual([
      'source-3',
      'source-1',
      'source-0',
      'source-2',
    ]);
  });
});
