import { expect, test } from '@jest/globals';
import { LaterError } from '../../domain/job-errors.ts';
import { laterDelayMs } from './later-delay.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = Date.parse('2026-11-28T12:00:00Z');
const inHours = (hours: number) => ({ availableAt: new Date(NOW_MS + hours * HOUR_MS) });

test.each([
  ['without a time', new LaterError('live', ''), 5, 0.5],
  ['at its time', new LaterError('premiere', '', inHours(5)), 5, 5],
  ['at most a day later', new LaterError('premiere', '', inHours(500)), 0, 24],
  ['at once, but not sooner', new LaterError('premiere', '', inHours(-5)), 0, 1 / 60],
  ['a recording after hours', new LaterError('recording_pending', '', inHours(3)), 0, 3],
  [
    'a recording that does not appear less and less often',
    new LaterError('recording_pending', '', inHours(3)),
    2,
    12,
  ],
  ['once a day in the end', new LaterError('recording_pending', '', inHours(3)), 40, 24],
])('what is not available yet is tried again: %s', (_what, error, retryAttempts, hours) => {
  expect(laterDelayMs(error, retryAttempts, NOW_MS)).toBe(hours * HOUR_MS);
});
