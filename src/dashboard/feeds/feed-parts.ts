/** Items in one document of a feed; the rest is in archives (RFC 5005). */
export const FEED_PAGE_SIZE = 5_000;

/** One document of a feed: the current one, or a numbered archive of older items. */
export interface FeedPart {
  /** Of the newest-first list, from `start` up to, not including, `end`. */
  readonly start: number;
  readonly end: number;
  /** 1 has the oldest items; undefined for the current document. */
  readonly archive: number | undefined;
  /** Archives there are; 0 when the current document has everything. */
  readonly archives: number;
}

/**
 * The items of one document. The current one has the newest items; archives are full and counted from the oldest item, so that
 * they stay the same when newer ones come (RFC 5005, section 4).
 * @param total items of the feed
 * @param archive undefined for the current document
 * @returns undefined when there is no such archive
 */
export function feedPart(
  total: number,
  archive: number | undefined,
  size: number = FEED_PAGE_SIZE,
): FeedPart | undefined {
  const archives = Math.ceil(Math.max(0, total - size) / size);
  if (archive === undefined) return { start: 0, end: Math.min(size, total), archive, archives };
  if (archive < 1 || archive > archives) return undefined;
  return { start: total - archive * size, end: total - (archive - 1) * size, archive, archives };
}
