import { describe, expect, test } from '@jest/globals';
import type { PlaylistFilters } from '../config/config.ts';
import type { PlaylistEntry } from '../media/playlist-listing.ts';
import { skipReasonOf } from './filters.ts';

const entry = (
  changes: Partial<PlaylistEntry> = {},
  metadata: Partial<PlaylistEntry['metadata']> = {},
): PlaylistEntry => ({
  videoId: 'dQw4w9WgXcQ',
  position: 5,
  metadata: { url: 'https://www.youtube.com/watch?v=dQw4w9WgXcQ', ...metadata },
  availability: 'available',
  live: 'no',
  isShort: false,
  ...changes,
});
const all: PlaylistFilters = { live: true, shorts: true };
const date = (text: string) => new Date(text);

describe('filters', () => {
  test.each<[string | undefined, PlaylistEntry, Partial<PlaylistFilters>]>([
    [undefined, entry(), {}],
    ['unavailable', entry({ availability: 'private' }), {}],
    ['unavailable', entry({ availability: 'deleted' }), {}],
    [undefined, entry(), { newest: 5 }],
    ['beyond_newest', entry(), { newest: 4 }],
    [undefined, entry({ live: 'was_live' }), {}],
    [undefined, entry({ live: 'is_upcoming' }), {}],
    ['was_live', entry({ live: 'was_live' }), { live: false }],
    ['was_live', entry({ live: 'is_live' }), { live: false }],
    ['was_live', entry({ live: 'is_upcoming' }), { live: false }],
    [undefined, entry({ isShort: true }), {}],
    ['short', entry({ isShort: true }), { shorts: false }],
    ['too_short', entry({}, { durationSeconds: 9 }), { minDurationSeconds: 10 }],
    [undefined, entry({}, { durationSeconds: 10 }), { minDurationSeconds: 10, maxDurationSeconds: 10 }],
    ['too_long', entry({}, { durationSeconds: 11 }), { maxDurationSeconds: 10 }],
    [undefined, entry(), { minDurationSeconds: 10, maxDurationSeconds: 10 }],
    [undefined, entry({}, { title: 'Fon lesson' }), { titleInclude: /LESSON/iu }],
    ['title_not_included', entry({}, { title: 'Music' }), { titleInclude: /lesson/iu }],
    ['title_not_included', entry(), { titleInclude: /lesson/iu }],
    ['title_excluded', entry({}, { title: 'Trailer 1' }), { titleExclude: /trailer/iu }],
    [undefined, entry(), { titleExclude: /trailer/iu }],
    [undefined, entry(), { publishedAfter: date('2025-01-01') }],
    ['too_old', entry({}, { publishedAt: date('2024-12-31') }), { publishedAfter: date('2025-01-01') }],
    [undefined, entry({}, { publishedAt: date('2025-01-01') }), { publishedAfter: date('2025-01-01') }],
    ['too_old', entry({ publishedBefore: date('2024-01-01') }), { publishedAfter: date('2025-01-01') }],
    [undefined, entry({ publishedBefore: date('2026-01-01') }), { publishedAfter: date('2025-01-01') }],
  ])('%s', (reason, given, filters) => {
    expect(skipReasonOf(given, { ...all, ...filters })).toBe(reason);
  });
});
