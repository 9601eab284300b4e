import { z } from 'zod';
import type { Database } from '../database/database.ts';
import { positionOf, type VideoOrder, type VideoPosition } from '../database/video-order.ts';
import type { VideoSearch } from '../database/video-search.ts';
import { VIDEO_STATUSES } from '../domain/video-status.ts';
import { UserError } from '../runtime/user-error.ts';
import { MAX_CURSOR_LENGTH, readCursor, writeCursor } from './video-cursor.ts';
import { filterOf, isFiltered, orderOf, videoQuerySchema, type VideoQuery } from './video-query.ts';
import { toVideoRow, type VideoRow } from './video-row.ts';

/** A cursor of another order, or one that this program did not make. */
export class UnknownCursorError extends UserError {}

/** More are not counted for a free filter: it would take a walk through all of them. */
export const COUNTED_VIDEOS = 10_000;
const MAX_PAGE_SIZE = 1_000;

const cursor = z.string().min(1).max(MAX_CURSOR_LENGTH);

/** A page of a list: the query, and where the page begins. All fields may be strings of an address. */
export const videoPageSchema = videoQuerySchema.extend({
  /** The `next` of the page before. */
  after: cursor.optional(),
  /** The `previous` of the page behind. */
  before: cursor.optional(),
  /** Videos of the page at most. */
  limit: z.coerce.number().int().min(1).max(MAX_PAGE_SIZE).default(100),
});

export type VideoPageQuery = z.output<typeof videoPageSchema>;

export interface VideoList {
  readonly videos: readonly VideoRow[];
  /** The cursor of the page behind; null on the last one. */
  readonly next: string | null;
  /** The cursor of the page before; null on the first one. */
  readonly previous: string | null;
  /** How many videos match, where reading the page tells it; null otherwise. */
  readonly total: number | null;
}

/**
 * One page of the videos that match. A page begins behind a place of the list and not behind a number of videos, so that
 * what is added or changed meanwhile moves no other video to another page.
 * @throws UnknownCursorError
 */
export async function listVideos(query: VideoPageQuery, { search }: Database): Promise<VideoList> {
  const order = orderOf(query);
  const given = query.after ?? query.before;
  const backwards = query.after === undefined && query.before !== undefined;
  const from = given === undefined ? undefined : await placeOf(order, given, search);
  const page = await search.page(filterOf(query), { order, backwards, from }, query.limit);
  const [first, last] = [page.videos[0], page.videos.at(-1)];
  // Where the page was read to, there is more only if more was found; where it was read from, there was the other page.
  const hasNext = backwards || page.hasMore;
  const hasPrevious = backwards ? page.hasMore : from !== undefined;
  return {
    videos: page.videos.map(toVideoRow),
    next: hasNext && last !== undefined ? writeCursor(order, positionOf(last, order.sort)) : null,
    previous: hasPrevious && first !== undefined ? writeCursor(order, positionOf(first, order.sort)) : null,
    total: page.total ?? (hasNext || hasPrevious ? null : page.videos.length),
  };
}

async function placeOf(order: VideoOrder, cursor: string, search: VideoSearch): Promise<VideoPosition> {
  const place = readCursor(order, cursor);
  if (place === undefined)
    throw new UnknownCursorError('This cursor is not one of a list in this order.', { exitCode: 2 });
  const { id, value } = place;
  return value === undefined ? await search.positionOf(id, order.sort) : { id, value };
}

export interface VideoCount {
  readonly count: number;
  /** False when there are more than `count`. */
  readonly isExact: boolean;
  /** When they were counted, where they are too many to be counted for each who asks; null: now. */
  readonly countedAt: Date | null;
}

/**
 * How many videos match the query of a list: all of them for a list of all or of a status, and where reading the page told it, as it
 * does for a playlist; up to 10,000 for other filters.
 */
export async function countVideos(
  query: VideoQuery,
  { total }: Pick<VideoList, 'total'>,
  { search, videoCounts }: Database,
): Promise<VideoCount> {
  if (total !== null) return { count: total, isExact: true, countedAt: null };
  if (!isFiltered({ ...query, status: undefined })) {
    const { counts, countedAt = null } = await videoCounts.byStatus();
    const wanted = query.status === undefined ? VIDEO_STATUSES : [query.status];
    const count = wanted.map((status) => counts[status]).reduce((sum, each) => sum + each, 0);
    return { count, isExact: true, countedAt };
  }
  const count = await search.countUpTo(filterOf(query), COUNTED_VIDEOS + 1);
  return { count: Math.min(count, COUNTED_VIDEOS), isExact: count <= COUNTED_VIDEOS, countedAt: null };
}
