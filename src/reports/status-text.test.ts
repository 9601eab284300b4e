import { describe, expect, test } from '@jest/globals';
import { plainText } from '../text/plain-text.ts';
import { formatStatus } from './status-text.ts';
import type { Status, FailingVideo } from './status.ts';
import { formatTextTable, numbers } from '../text/tables.ts';
import { formatBytes, formatDuration } from '../text/units.ts';

const AT = new Date('2026-01-31T12:00:00Z');
const quiet = { waiting: 0, active: 0, delayed: 0, failed: 0, completed: 0, oldestWaitingSeconds: null };
const video: FailingVideo = {
  id: 'youtube.dQw4w9WgXcQ',
  title: '\u001b[31mred\nSong',
  url: 'https://example.org',
  stage: 'download',
  class: 'network',
  message: 'No answer.',
  advice: 'Wait.',
  at: AT,
  nextRetryAt: new Date(AT.getTime() + 600_000),
  retryAttempts: 1,
};
const empty: Status = {
  at: AT,
  countedAt: null,
  videos: {
    total: 0,
    discovered: 0,
    downloaded: 0,
    stored: 0,
    mirrored: 0,
    retrying: 0,
    failed: 0,
    skipped: 0,
  },
  queues: {
    playlist: quiet,
    download: quiet,
    upload: quiet,
    sync: quiet,
    retry: quiet,
    collect: quiet,
    maintenance: quiet,
  },
  playlists: [],
  audio: { hours: 0, bytes: 0 },
  failures: [],
  recentFailures: [],
  nextRetries: [],
  pauses: [],
  pausedQueues: [],
  egress: [],
  warnings: [],
  noNetwork: null,
  ytDlp: [],
};

describe('the status as text', () => {
  test('when empty it says how to start, and leaves out empty tables', () => {
    const text = formatStatus(empty);
    expect(text).toContain('npm run enqueue');
    expect(text).not.toMatch(/FAILED|NEXT RETRIES/);
  });

  test('failed jobs of collect are said to be sources that could not be read; those of other queues are not', () => {
    const withFailed = (name: 'collect' | 'download') =>
      formatStatus({ ...empty, queues: { ...empty.queues, [name]: { ...quiet, failed: 12 } } });
    expect(withFailed('collect')).toMatch(
      /collect .* 12 .*\nmaintenance .*\nFailed in collect are runs whose source/,
    );
    expect(withFailed('download')).not.toContain('Failed in collect');
  });

  test('failures have advice, retries their time; titles cannot control the terminal', () => {
    const text = formatStatus({
      ...empty,
      failures: [{ class: 'private', count: 3, advice: 'Ask the owner.' }],
      recentFailures: [video],
      nextRetries: [video],
    });
    expect(text).toMatch(/private +3 +Ask the owner\./);
    expect(text).toMatch(/youtube\.dQw4w9WgXcQ \(\[31mred Song\) +10 min +download +network/);
    expect(text).not.toContain('\u001b');
  });

  test('a pause of several workers is shown once, with its duration, item, reason and advice; so is a warning', () => {
    const pause = {
      ...({ queue: 'upload', kind: 'fault', class: 'storage_missing' } as const),
      ...{ reason: 'There is no bucket.', advice: 'Make it.' },
    };
    const text = formatStatus({
      ...empty,
      pauses: [
        { ...pause, worker: 'b-1', host: 'b', item: 'youtube.x', since: new Date(AT.getTime() - 600_000) },
        { ...pause, worker: 'a-1', host: 'a', since: new Date(AT.getTime() - 60_000) },
      ],
      warnings: [{ setting: 'appendonly', message: 'No file.', advice: 'Switch it on.' }],
    });
    expect(text).toMatch(
      /PAUSED: upload for 10 min, storage_missing \(2 workers on a, b\)\n +youtube\.x: There is no bucket\.\n +Make it\./,
    );
    expect(text).toMatch(/WARNING: No file\.\n +Switch it on\./);
  });

  test('a queue that a person has paused says by whom, for how long, and how it goes on', () => {
    const at = new Date(AT.getTime() - 600_000);
    const text = formatStatus({
      ...empty,
      pausedQueues: [
        { queue: 'download', at, user: 'ama\u001b[31m', via: 'page' },
        { queue: 'sync', at: null, user: null, via: null },
      ],
    });
    expect(text).toContain('PAUSED BY A PERSON: download for 10 min, by ama [31m (page)\n');
    expect(text).toContain('`npm run queues -- --resume download`');
    expect(text).toContain('PAUSED BY A PERSON: sync, in Bull Board');
  });

  test('a machine without a network is said once, before everything else', () => {
    const noNetwork = { message: 'No network: none of the 5 sources can be reached.', advice: 'Connect it.' };
    expect(formatStatus({ ...empty, noNetwork })).toMatch(/^WARNING: No network: .*\n +Connect it\.\n/);
  });

  test('egress addresses: circuit, budget, and why one rests', () => {
    const base = {
      ...{ until: null, since: null, reason: null, advice: null, budgetPerHour: null },
      ...{ item: null, probe: null },
    };
    const text = formatStatus({
      ...empty,
      egress: [
        { ...base, identity: 'home', state: 'closed', usedLastHour: 7, nextStartSeconds: 0 },
        {
          ...{ identity: 'office', state: 'open', until: new Date(AT.getTime() + 720_000), since: AT },
          ...{ reason: 'bot_check', advice: 'Wait.', budgetPerHour: 300, usedLastHour: 12 },
          ...{ nextStartSeconds: 720, item: 'youtube.refused-001', probe: 'youtube.another-001' },
        },
      ],
    });
    expect(text).toMatch(/home +serves +7 +now/);
    expect(text).toMatch(/office +rests, 12 min more +12 of 300 +in 12 min/);
    expect(text).toContain(
      `  office rests since ${AT.toISOString().slice(11, 16)} UTC because of youtube.refused-001: bot_check; probing with youtube.another-001. Wait.`,
    );
  });

  test.each([
    [{ complete: true }, 'yes'],
    [{ complete: false }, 'no, incomplete'],
    [{ complete: null }, 'not listed yet'],
    [{ complete: false, error: { class: 'network' as const, message: 'Gone.', advice: 'Wait.' } }, 'failed'],
    [{ complete: true, enabled: false }, 'paused'],
  ])('a playlist with %j is shown as %s', (fields, expected) => {
    const playlist = {
      ...{ id: 'PL1', url: 'https://example.org', title: 'Songs', announced: 45, found: 40 },
      ...{ complete: null, enabled: true, lastExpandedAt: null, error: null },
      ...fields,
    };
    expect(formatStatus({ ...empty, playlists: [playlist] })).toContain(`45     40  ${expected}`);
  });
});

describe('parts of the text', () => {
  test('a table keeps its columns and has no trailing spaces', () => {
    const table = formatTextTable(
      ['A', ...numbers('N')],
      [
        ['long 👩‍👩‍👧 name', '7'],
        ['x', '1234'],
      ],
    );
    expect(table).toBe(['A                N', 'long 👩‍👩‍👧 name     7', 'x             1234'].join('\n'));
  });

  test('texts are one line, without hidden marks, and cut between characters', () => {
    expect(plainText('a\u202Eb\u0007\r\nc', 10)).toBe('ab c');
    expect(plainText('👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧', 2)).toBe('👩‍👩‍👧…');
    expect(plainText('e'.repeat(100_000), 5)).toBe('eeee…');
  });

  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [999_960, '1.0 MB'],
    [9_600_000, '9.6 MB'],
  ])('%i bytes are %s', (bytes, expected) => {
    expect(formatBytes(bytes)).toBe(expected);
  });

  test.each([
    [0.4, '0 s'],
    [89, '89 s'],
    [600, '10 min'],
    [7200, '2.0 h'],
    [3 * 86_400, '3.0 days'],
  ])('%d seconds are %s', (seconds, expected) => {
    expect(formatDuration(seconds)).toBe(expected);
  });
});
