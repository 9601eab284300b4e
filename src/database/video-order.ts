import type { QueryFilter } from 'mongoose';
import { compareUtf8 } from '../domain/utf8-order.ts';
import type { VideoDocument } from './collections/video.ts';

/** By what a list of videos can be sorted. `duration` is the length that the source announces, `size` that of the object. */
export const VIDEO_SORTS = ['changed', 'published', 'title', 'duration', 'size'] as const;
export type VideoSort = (typeof VIDEO_SORTS)[number];

export const DIRECTIONS = ['asc', 'desc'] as const;
export type Direction = (typeof DIRECTIONS)[number];

export interface VideoOrder {
  readonly sort: VideoSort;
  readonly direction: Direction;
}

/** What videos are sorted by; null where a video has no such value. */
export type SortValue = Date | number | string | null;

/** The place of a video in a list: what it is sorted by, and its `_id`, which decides between equal values. */
export interface VideoPosition {
  readonly value: SortValue;
  readonly id: string;
}

/** Which neighbours of a position are wanted, and in which direction they are read. */
export interface PageStart {
  readonly order: VideoOrder;
  /** From the position towards the beginning of the list. */
  readonly backwards?: boolean;
  readonly from?: VideoPosition | undefined;
}

interface SortField {
  readonly field: 'updated_at' | 'published_at' | 'title' | 'duration' | 'audio.size';
  /** The least value of its type: comparisons of MongoDB find values of the same type only, so that null is left out. */
  readonly least: Date | number | string;
  /** Whether a video may lack it. */
  readonly isOptional: boolean;
  /** How people expect it: the latest, the longest, the largest first; titles from A. */
  readonly usual: Direction;
  readonly valueOf: (video: VideoDocument) => SortValue | undefined;
}

/** Where in ECMAScript time begins. */
const FIRST_MOMENT = new Date(-8_640_000_000_000_000);

export const SORT_FIELDS: Readonly<Record<VideoSort, SortField>> = {
  changed: {
    ...{ field: 'updated_at', least: FIRST_MOMENT, isOptional: false, usual: 'desc' },
    valueOf: (video) => video.updated_at,
  },
  published: {
    ...{ field: 'published_at', least: FIRST_MOMENT, isOptional: true, usual: 'desc' },
    valueOf: (video) => video.published_at,
  },
  title: {
    ...{ field: 'title', least: '', isOptional: true, usual: 'asc' },
    valueOf: (video) => video.title,
  },
  duration: {
    ...{ field: 'duration', least: Number.NEGATIVE_INFINITY, isOptional: true, usual: 'desc' },
    valueOf: (video) => video.duration,
  },
  size: {
    ...{ field: 'audio.size', least: Number.NEGATIVE_INFINITY, isOptional: true, usual: 'desc' },
    valueOf: (video) => video.audio?.size,
  },
};

export function positionOf(video: VideoDocument, sort: VideoSort): VideoPosition {
  return { value: SORT_FIELDS[sort].valueOf(video) ?? null, id: video._id };
}

/** One query of a page: a range of an index, read in its order. */
export interface Segment {
  readonly filter: QueryFilter<VideoDocument>;
  readonly sort: Readonly<Record<string, 1 | -1>>;
}

/**
 * The queries that together yield what follows a position: the videos with a value, and those without, which come last
 * in either direction. They are apart because MongoDB compares values of one type only, and so that each is one range of
 * the index of its field and `_id`, also among thousands of videos without a value.
 */
export function segmentsOf({ order, backwards = false, from }: PageStart): Segment[] {
  const { field, least, isOptional } = SORT_FIELDS[order.sort];
  const isAscending = (order.direction === 'asc') !== backwards;
  const direction = isAscending ? 1 : -1;
  const beyond = isAscending ? '$gt' : '$lt';
  const withValue: Segment = {
    filter: { [field]: { $gte: least } },
    sort: { [field]: direction, _id: direction },
  };
  const withoutValue: Segment = { filter: { [field]: null }, sort: { _id: direction } };
  const all = isOptional ? (backwards ? [withoutValue, withValue] : [withValue, withoutValue]) : [withValue];
  if (from === undefined) return all;
  if (from.value === null) {
    const rest = { ...withoutValue, filter: { [field]: null, _id: { [beyond]: from.id } } };
    return backwards ? [rest, withValue] : [rest];
  }
  // The first condition is the range of the index; the second one leaves out what has the same value and comes earlier.
  const range = isAscending ? { $gte: from.value } : { $gte: least, $lte: from.value };
  const rest: Segment = {
    filter: {
      [field]: range,
      $or: [{ [field]: { [beyond]: from.value } }, { _id: { [beyond]: from.id } }],
    },
    sort: withValue.sort,
  };
  return backwards || !isOptional ? [rest] : [rest, withoutValue];
}

/** Places in the order of a list: those with a value, then those without, whose ids decide. As `segmentsOf` reads them. */
export function inOrder(places: readonly VideoPosition[], { direction }: VideoOrder): VideoPosition[] {
  return places.toSorted((one, other) => comparePlaces(one, other, direction));
}

/** The page of places that are in order, and whether the list goes on behind it; in the order of the list, also backwards. */
export function pageOf(
  places: readonly VideoPosition[],
  { order, backwards = false, from }: PageStart,
  limit: number,
): { readonly places: readonly VideoPosition[]; readonly hasMore: boolean } {
  const beyond =
    from === undefined
      ? places
      : places.filter((place) => {
          const difference = comparePlaces(place, from, order.direction);
          return backwards ? difference < 0 : difference > 0;
        });
  const hasMore = beyond.length > limit;
  if (backwards && hasMore) return { places: beyond.slice(-limit), hasMore };
  return { places: beyond.slice(0, limit), hasMore };
}

function comparePlaces(one: VideoPosition, other: VideoPosition, direction: Direction): number {
  if ((one.value === null) !== (other.value === null)) return one.value === null ? 1 : -1;
  const difference = compareValues(one.value, other.value) || compareUtf8(one.id, other.id);
  return direction === 'asc' ? difference : -difference;
}

/** Values of the same field. */
function compareValues(one: SortValue, other: SortValue): number {
  if (typeof one === 'string' && typeof other === 'string') return compareUtf8(one, other);
  return Number(one) - Number(other);
}
