import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { videoSchema, type VideoDocument } from './collections/video.ts';
import {
  DIRECTIONS,
  inOrder,
  pageOf,
  positionOf,
  segmentsOf,
  SORT_FIELDS,
  VIDEO_SORTS,
  type PageStart,
  type Segment,
} from './video-order.ts';
import { queryOf, type VideoFilter } from './video-search.ts';

type Fields = Readonly<Record<string, unknown>>;

/** As MongoDB: values of one type are compared, null is a missing value. */
function matches(video: VideoDocument, filter: Fields): boolean {
  return Object.entries(filter).every(([name, condition]) => {
    if (name === '$or') return (condition as Fields[]).some((part) => matches(video, part));
    const value = name === 'audio.size' ? video.audio?.size : (video as Fields)[name];
    if (condition === null) return value === undefined || value === null;
    if (typeof condition !== 'object') return value === condition;
    return Object.entries(condition).every(([operator, bound]: [string, unknown]) => {
      if (typeof value !== typeof bound || value === null) return false;
      const order = compared(value, bound);
      const holds = { $gt: order > 0, $gte: order >= 0, $lt: order < 0, $lte: order <= 0 };
      return holds[operator as keyof typeof holds];
    });
  });
}

function compared(left: unknown, right: unknown): number {
  const [a, b] = [left, right].map((value) => (value instanceof Date ? value.getTime() : value)) as [
    number,
    number,
  ];
  return a < b ? -1 : a > b ? 1 : 0;
}

function read(videos: readonly VideoDocument[], { filter, sort }: Segment, limit: number): VideoDocument[] {
  const valueOf = (video: VideoDocument, name: string) =>
    name === 'audio.size' ? video.audio?.size : (video as unknown as Fields)[name];
  return videos
    .filter((video) => matches(video, filter))
    .sort((left, right) =>
      Object.entries(sort).reduce(
        (order, [name, direction]) =>
          order === 0 ? direction * compared(valueOf(left, name), valueOf(right, name)) : order,
        0,
      ),
    )
    .slice(0, limit);
}

function page(videos: readonly VideoDocument[], start: PageStart, limit: number) {
  const found: VideoDocument[] = [];
  for (const segment of segmentsOf(start)) found.push(...read(videos, segment, limit + 1 - found.length));
  const shown = found.slice(0, limit);
  return { videos: start.backwards ? shown.toReversed() : shown, hasMore: found.length > limit };
}

const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
/** Few values, so that many videos share one. */
const archives = fc
  .array(
    fc.record({
      updated_at: fc.nat(3).map((time) => new Date(time)),
      published_at: some(fc.integer({ min: -2, max: 2 }).map((time) => new Date(time))),
      title: some(fc.constantFrom('', 'a', 'b', 'é')),
      duration: some(fc.nat(2)),
      audio: some(fc.record({ size: fc.nat(2) })),
    }),
    { maxLength: 25 },
  )
  .map((videos) =>
    videos.map((video, index) => ({ ...video, _id: `youtube.${String(index)}` }) as unknown as VideoDocument),
  );
const orders = fc.record({
  sort: fc.constantFrom(...VIDEO_SORTS),
  direction: fc.constantFrom(...DIRECTIONS),
});

describe('the pages of a list', () => {
  test('cover every video exactly once, forwards and backwards in the same order', () => {
    fc.assert(
      fc.property(archives, orders, fc.integer({ min: 1, max: 7 }), (videos, order, limit) => {
        const forwards: string[] = [];
        let start: PageStart = { order };
        // No more pages than videos: a wrong place must not make it go on for ever.
        for (let read = 0; read <= videos.length; read += 1) {
          const { videos: shown, hasMore } = page(videos, start, limit);
          forwards.push(...shown.map(({ _id }) => _id));
          const last = shown.at(-1);
          if (last === undefined || !hasMore) break;
          start = { order, from: positionOf(last, order.sort) };
        }
        expect(forwards.toSorted()).toEqual(videos.map(({ _id }) => _id).toSorted());
        const backwards: string[] = [];
        start = { order, backwards: true };
        for (let read = 0; read <= videos.length; read += 1) {
          const { videos: shown, hasMore } = page(videos, start, limit);
          backwards.unshift(...shown.map(({ _id }) => _id));
          const [first] = shown;
          if (first === undefined || !hasMore) break;
          start = { order, backwards: true, from: positionOf(first, order.sort) };
        }
        expect(backwards).toEqual(forwards);
      }),
      { numRuns: 500 },
    );
  });

  test('that follow a position are the rest of the list, whatever was removed or added before it', () => {
    fc.assert(
      fc.property(archives, orders, fc.nat(24), (videos, order, chosen) => {
        const whole = page(videos, { order }, videos.length + 1).videos;
        const place = whole[chosen];
        if (place === undefined) return;
        const from = positionOf(place, order.sort);
        const without = videos.filter(({ _id }) => _id !== place._id);
        expect(page(without, { order, from }, 100).videos).toEqual(whole.slice(chosen + 1));
        expect(page(without, { order, from, backwards: true }, 100).videos).toEqual(whole.slice(0, chosen));
      }),
    );
  });
});

test('places that are put in order have the same pages as the queries', () => {
  const starts = fc.record({ chosen: fc.option(fc.nat(24)), backwards: fc.boolean() });
  fc.assert(
    fc.property(archives, orders, starts, fc.integer({ min: 1, max: 7 }), (videos, order, start, limit) => {
      const place = start.chosen === null ? undefined : videos[start.chosen];
      const from = place && positionOf(place, order.sort);
      const wanted = { order, backwards: start.backwards, from };
      const places = videos.map((video) => positionOf(video, order.sort));
      const { places: shown, hasMore } = pageOf(inOrder(places, order), wanted, limit);
      const expected = page(videos, wanted, limit);
      expect(shown.map(({ id }) => id)).toEqual(expected.videos.map(({ _id }) => _id));
      expect(hasMore).toBe(expected.hasMore);
    }),
    { numRuns: 500 },
  );
});

describe('every query of a list has an index', () => {
  const indexes = videoSchema.indexes().map(([fields]) => Object.keys(fields));
  const FILTERS: readonly VideoFilter[] = [
    {},
    { status: 'failed' },
    { errorClass: 'private' },
    { language: 'fr' },
    { channelId: 'UC1' },
  ];
  const starts = (order: PageStart['order']): PageStart[] =>
    [undefined, { value: SORT_FIELDS[order.sort].least, id: 'x' }, { value: null, id: 'x' }].flatMap(
      (from) => [
        { order, from },
        { order, from, backwards: true },
      ],
    );

  test.each(VIDEO_SORTS)('sorted by %s', (sort) => {
    for (const direction of DIRECTIONS) {
      for (const start of starts({ sort, direction })) {
        for (const segment of segmentsOf(start)) {
          // A range of one field, then `_id`, all in one direction: an index serves both directions.
          expect(indexes).toContainEqual([SORT_FIELDS[sort].field, '_id']);
          expect(new Set(Object.values(segment.sort)).size).toBe(1);
          expect(Object.keys(segment.filter)).toContain(SORT_FIELDS[sort].field);
        }
      }
    }
  });

  test.each(FILTERS)('with the filter %j, the latest change first', (filter) => {
    const fields = Object.keys(queryOf(filter));
    expect(indexes).toContainEqual([...fields, 'updated_at', '_id']);
  });

  test.each(FILTERS.slice(1))(
    'with the filter %j, whatever the sort: the filter begins an index',
    (filter) => {
      expect(indexes.map(([first]) => first)).toContain(Object.keys(queryOf(filter))[0]);
    },
  );
});

test('a search within titles contains no pattern of its sender', () => {
  const { title } = queryOf({ title: 'a.*(b' }) as { title: { $regex: string } };
  expect(title).toEqual({ $regex: 'a\\.\\*\\(b', $options: 'i' });
});
