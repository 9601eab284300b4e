import { describe, expect, test } from '@jest/globals';
import { NO_COUNTS } from '../../database/collections/run.ts';
import { messagesOf } from '../../text/messages/messages-of.ts';
import { describeCause } from './health-cause.ts';
import {
  evaluateSource,
  HEALTH_STATES,
  isUnhealthy,
  worstFirst,
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
  freshness: { warnAfterMs: 3 * HOUR, errorAfterMs: 24 * HOUR, quietAfterMs: 168 * HOUR },
  disabledReason: undefined,
};
const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * HOUR);
const NEVER: SourceRecord = {
  documents: 0,
  lastRunAt: undefined,
  lastSuccessAt: undefined,
  lastNewItemAt: undefined,
  consecutiveFailures: 0,
  lastRun: undefined,
  unreadParts: [],
};
const RUN = { status: 'success', counts: NO_COUNTS, parts: [] } as const;
const GOOD: SourceRecord = {
  ...NEVER,
  documents: 10,
  lastSuccessAt: hoursAgo(1),
  lastNewItemAt: hoursAgo(5),
  lastRun: RUN,
};
const FAILED = {
  ...RUN,
  status: 'failed',
  error: { class: 'source_missing', message: 'The feed is gone.', advice: 'Check it.', at: NOW },
} as const;
const FEEDS = [
  { name: 'a', status: 'success' },
  { name: 'b', status: 'failed', note: 'b answered 404.' },
] as const;
const PARTLY = { ...RUN, status: 'partial', note: '1 of 2 parts failed', parts: FEEDS } as const;
const unreadSince = (hours: number) => ({ name: 'b', since: hoursAgo(hours), note: 'b answered 404.' });

type Row = [string, SourceRecord, HealthState, string | null];

test.each<Row>([
  ['nothing was ever collected', NEVER, 'never', 'It has not been collected yet'],
  [
    'only failures so far',
    { ...NEVER, lastRun: FAILED, consecutiveFailures: 1 },
    'never',
    'The feed is gone. The source has nothing at this URL.',
  ],
  ['a success just now', { ...GOOD, lastSuccessAt: hoursAgo(0) }, 'ok', null],
  ['a success within the limit, to the millisecond', { ...GOOD, lastSuccessAt: hoursAgo(3) }, 'ok', null],
  [
    'a success past the warning limit',
    { ...GOOD, lastSuccessAt: hoursAgo(3.01) },
    'warning',
    'No success for more than 3 h',
  ],
  [
    'a success past the error limit',
    { ...GOOD, lastSuccessAt: hoursAgo(24.01) },
    'stale',
    'No success for more than 24 h',
  ],
  [
    'old, and the last run failed',
    { ...GOOD, lastSuccessAt: hoursAgo(30), lastRun: FAILED },
    'stale',
    'The feed is gone.',
  ],
  ['a run in the future, by a clock set back', { ...GOOD, lastSuccessAt: hoursAgo(-5) }, 'ok', null],
])('the age of the last success: %s', expectState);

test.each<Row>([
  [
    'one failure while fresh',
    { ...GOOD, lastRun: FAILED, consecutiveFailures: 1 },
    'warning',
    'The feed is gone.',
  ],
  [
    'failures in a row while fresh',
    { ...GOOD, lastRun: FAILED, consecutiveFailures: 2 },
    'failing',
    'The feed is gone.',
  ],
  [
    'a part failed in the last run',
    { ...GOOD, lastRun: PARTLY, unreadParts: [unreadSince(1)] },
    'warning',
    '1 of 2 parts was not read. b: b answered 404.',
  ],
  [
    'a part was not read for longer than the error limit, though the source is',
    { ...GOOD, lastRun: PARTLY, unreadParts: [unreadSince(24.01)] },
    'failing',
    '1 part has not been read for more than 24 h. b: b answered 404.',
  ],
  [
    'a part of a successful run is skipped again and again',
    { ...GOOD, unreadParts: [unreadSince(2)], lastRun: { ...RUN, parts: FEEDS } },
    'warning',
    '1 of 2 parts was not read.',
  ],
  [
    'the last run stopped at a limit',
    { ...GOOD, lastRun: { ...RUN, status: 'partial', note: 'stopped at maxItemsPerRun (5)' } },
    'warning',
    'The last run was not complete: stopped at maxItemsPerRun (5).',
  ],
  [
    'every item of the last run was rejected',
    { ...GOOD, lastRun: { ...RUN, counts: { ...NO_COUNTS, seen: 30, rejected: 30 } } },
    'warning',
    '30 items were found, and all were rejected',
  ],
  [
    'some items of the last run were rejected',
    { ...GOOD, lastRun: { ...RUN, counts: { ...NO_COUNTS, seen: 30, duplicate: 1, rejected: 29 } } },
    'ok',
    null,
  ],
])('how the last runs ended: %s', expectState);

test.each<Row>([
  ['nothing new up to the limit', { ...GOOD, lastNewItemAt: hoursAgo(168) }, 'ok', null],
  [
    'nothing new for longer, as with an eternal 304',
    { ...GOOD, lastNewItemAt: hoursAgo(168.01) },
    'warning',
    'has brought nothing new for more than 168 h',
  ],
  [
    'read without an error, and never an item',
    { ...GOOD, lastNewItemAt: undefined },
    'warning',
    'has never brought an item',
  ],
])('what it brings: %s', expectState);

function expectState(_name: string, record: SourceRecord, state: HealthState, reason: string | null): void {
  const health = evaluateSource(SOURCE, record, NOW);
  expect([health.state, health.cause === null]).toEqual([state, reason === null]);
  expect(health.reason ?? '').toContain(reason ?? '');
}

test('a dataset without a limit may have nothing new for ever', () => {
  const { quietAfterMs: _limit, ...freshness } = SOURCE.freshness;
  const record = { ...GOOD, lastNewItemAt: hoursAgo(100_000) };
  expect(evaluateSource({ ...SOURCE, freshness }, record, NOW).state).toBe('ok');
});

test.each([
  ['missing OWM_API_KEY', 'il manque OWM_API_KEY'],
  ['switched off in the sources file', 'désactivée dans le fichier des sources'],
])('a reason can be said in French: %s', (disabledReason, expected) => {
  const { cause, reason } = evaluateSource({ ...SOURCE, disabledReason }, NEVER, NOW);
  expect(reason).toBe(disabledReason);
  expect(cause && describeCause(cause, messagesOf('fr'))).toBe(expected);
});

test('a disabled source is not evaluated and has no next run', () => {
  const health = evaluateSource({ ...SOURCE, disabledReason: 'missing OWM_API_KEY' }, NEVER, NOW);
  expect(health).toMatchObject({ state: 'disabled', reason: 'missing OWM_API_KEY', nextRunAt: null });
  expect(isUnhealthy(health.state)).toBe(false);
});

test('a weekly source is not stale six days in seven', () => {
  const weekly = { ...SOURCE, freshness: { warnAfterMs: 8 * 24 * HOUR, errorAfterMs: 15 * 24 * HOUR } };
  expect(evaluateSource(weekly, { ...GOOD, lastSuccessAt: hoursAgo(6 * 24) }, NOW).state).toBe('ok');
});

test('the next run is computed in the time zone of the schedule', () => {
  const daily = { ...SOURCE, schedule: { pattern: '0 2 * * *', timeZone: 'Europe/Paris' } };
  expect(evaluateSource(daily, NEVER, NOW).nextRunAt).toEqual(new Date('2026-05-11T00:00:00Z'));
});

describe('the order', () => {
  test('is the worst state first, then the last success that is the longest ago', () => {
    const records: readonly (readonly [string, SourceRecord])[] = [
      ['ok-new', GOOD],
      ['late', { ...GOOD, lastSuccessAt: hoursAgo(4) }],
      ['never-b', NEVER],
      ['failing', { ...GOOD, lastRun: FAILED, consecutiveFailures: 3 }],
      ['ok-old', { ...GOOD, lastSuccessAt: hoursAgo(2) }],
      ['never-a', NEVER],
      ['stale', { ...GOOD, lastSuccessAt: hoursAgo(25) }],
      ['very-stale', { ...GOOD, lastSuccessAt: hoursAgo(99) }],
    ];
    const sources = records.map(([id, record]) => evaluateSource({ ...SOURCE, id }, record, NOW));
    expect(sources.sort(worstFirst).map(({ id }) => id)).toEqual([
      ...['very-stale', 'stale', 'failing', 'never-a', 'never-b', 'late', 'ok-old', 'ok-new'],
    ]);
  });

  test('has every unhealthy state before every other', () => {
    const unhealthy = HEALTH_STATES.filter(isUnhealthy);
    expect(HEALTH_STATES.slice(0, unhealthy.length)).toEqual(unhealthy);
  });
});
