import { describe, expect, test } from '@jest/globals';
import type { PlaylistEntry } from '../media/playlist-listing.ts';
import { filtersOfSettings, skipReasonOf, type EntryFilters } from './filters.ts';

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
const all: EntryFilters = { live: true, shorts: true };
const date = (text: string) => new Date(text);

describe('filters', () => {
  test.each<[string | undefined, PlaylistEntry, Partial<EntryFilters>]>([
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
    ['too_new', entry({}, { publishedAt: date('2025-01-01') }), { publishedBefore: date('2025-01-01') }],
    [undefined, entry({}, { publishedAt: date('2024-12-31') }), { publishedBefore: date('2025-01-01') }],
    // An age such as "2 years ago" does not say how old it is at least.
    [undefined, entry({ publishedBefore: date('2026-01-01') }), { publishedBefore: date('2025-01-01') }],
  ])('%s', (reason, given, filters) => {
    expect(skipReasonOf(given, { ...all, ...filters })).toBe(reason);
  });
});

describe('the settings of a playlist', () => {
  const none = { title_include: [], title_exclude: [] };
  const withSettings = (
    settings: Parameters<typeof filtersOfSettings>[0],
    environment: Partial<EntryFilters> = {},
  ) => ({
    ...all,
    ...environment,
    ...filtersOfSettings(settings),
  });

  test.each([undefined, null, none, { ...none, live: null, min_duration: null }])(
    'without any (%j) the environment decides',
    (settings) => {
      expect(filtersOfSettings(settings)).toEqual({});
    },
  );

  test('come before the environment, one by one', () => {
    const filters = withSettings(
      { ...none, min_duration: 60, shorts: true, published_before: date('2025-01-01') },
      { minDurationSeconds: 10, maxDurationSeconds: 100, shorts: false },
    );
    expect(skipReasonOf(entry({}, { durationSeconds: 30 }), filters)).toBe('too_short');
    expect(skipReasonOf(entry({}, { durationSeconds: 130 }), filters)).toBe('too_long');
    expect(skipReasonOf(entry({ isShort: true }, { durationSeconds: 60 }), filters)).toBeUndefined();
    expect(skipReasonOf(entry({}, { publishedAt: date('2025-02-01') }), filters)).toBe('too_new');
  });

  test('patterns of titles are taken as they are written', () => {
    const filters = withSettings({ title_include: ['lesson', 'cours'], title_exclude: ['trailer*20??'] });
    expect(skipReasonOf(entry({}, { title: 'Cours de fon' }), filters)).toBeUndefined();
    expect(skipReasonOf(entry({}, { title: 'Music' }), filters)).toBe('title_not_included');
    expect(skipReasonOf(entry({}, { title: 'Lesson: Trailer of 2025' }), filters)).toBe('title_excluded');
  });
});
