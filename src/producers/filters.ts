import type { PlaylistFilters } from '../config/config.ts';
import type { PlaylistSettingsDocument } from '../database/collections/playlist.ts';
import { definedFields } from '../domain/defined-fields.ts';
import type { SkipReason } from '../domain/video-status.ts';
import type { PlaylistEntry } from '../media/playlist-listing.ts';
import { matchesAny } from './title-pattern.ts';

/** Whether a title passes: a regular expression of the environment, or the patterns of a playlist. */
type TitleTest = Pick<RegExp, 'test'>;

/** The filters that one playlist is read with. */
export interface EntryFilters extends Omit<PlaylistFilters, 'titleInclude' | 'titleExclude'> {
  readonly titleInclude?: TitleTest;
  readonly titleExclude?: TitleTest;
  /** Videos published at it or later are skipped. */
  readonly publishedBefore?: Date;
}

/** The filters that the settings of a playlist have; those of the environment apply where they have none. */
export function filtersOfSettings(
  settings: PlaylistSettingsDocument | null | undefined,
): Partial<EntryFilters> {
  if (!settings) return {};
  return definedFields({
    minDurationSeconds: settings.min_duration ?? undefined,
    maxDurationSeconds: settings.max_duration ?? undefined,
    titleInclude: titleTest(settings.title_include),
    titleExclude: titleTest(settings.title_exclude),
    publishedAfter: settings.published_after ?? undefined,
    publishedBefore: settings.published_before ?? undefined,
    live: settings.live ?? undefined,
    shorts: settings.shorts ?? undefined,
  });
}

function titleTest(patterns: readonly string[] | undefined): TitleTest | undefined {
  if (patterns === undefined || patterns.length === 0) return undefined;
  return { test: (title) => matchesAny(title, patterns) };
}

/**
 * Why the filters skip an entry; undefined when they accept it. Duration and date filters accept entries whose listing
 * does not say these. Running and upcoming live events are accepted: their download waits until they have ended.
 */
export function skipReasonOf(entry: PlaylistEntry, filters: EntryFilters): SkipReason | undefined {
  const { durationSeconds, publishedAt, title = '' } = entry.metadata;
  const latestDate = publishedAt ?? entry.publishedBefore;
  if (entry.availability !== 'available') return 'unavailable';
  if (filters.newest !== undefined && entry.position > filters.newest) return 'beyond_newest';
  if (!filters.live && entry.live !== 'no') return 'was_live';
  if (!filters.shorts && entry.isShort) return 'short';
  if (durationSeconds !== undefined) {
    if (durationSeconds < (filters.minDurationSeconds ?? 0)) return 'too_short';
    if (durationSeconds > (filters.maxDurationSeconds ?? Infinity)) return 'too_long';
  }
  if (filters.titleInclude?.test(title) === false) return 'title_not_included';
  if (filters.titleExclude?.test(title) === true) return 'title_excluded';
  if (
    filters.publishedAfter !== undefined &&
    latestDate !== undefined &&
    latestDate < filters.publishedAfter
  ) {
    return 'too_old';
  }
  // Of an age such as "2 years ago" only the latest date is known: it may be older than any limit.
  if (filters.publishedBefore !== undefined && publishedAt !== undefined) {
    if (publishedAt >= filters.publishedBefore) return 'too_new';
  }
  return undefined;
}
