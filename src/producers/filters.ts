import type { SkipReason } from '../domain/video-status.ts';
import type { PlaylistFilters } from '../config/config.ts';
import type { PlaylistEntry } from '../media/playlist-listing.ts';

/**
 * Why the filters skip an entry; undefined when they accept it. Duration and date filters accept entries whose listing
 * does not say these. Running and upcoming live events are accepted: their download waits until they have ended.
 */
export function skipReasonOf(entry: PlaylistEntry, filters: PlaylistFilters): SkipReason | undefined {
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
  return undefined;
}
