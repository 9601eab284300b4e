import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DIRECTIONS, VIDEO_SORTS, type SortValue, type VideoSort } from '../database/video-order.ts';
import { readCursor, writeCursor } from './video-cursor.ts';

const VALUES: Readonly<Record<VideoSort, fc.Arbitrary<SortValue>>> = {
  changed: fc.date({ noInvalidDate: true }),
  published: fc.option(fc.date({ noInvalidDate: true })),
  title: fc.option(fc.string({ unit: 'binary', maxLength: 400 })),
  duration: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 })),
  size: fc.option(fc.nat()),
};
const places = fc
  .tuple(
    fc.constantFrom(...VIDEO_SORTS),
    fc.constantFrom(...DIRECTIONS),
    fc.string({ minLength: 1, maxLength: 80 }),
  )
  .chain(([sort, direction, id]) =>
    VALUES[sort].map((value) => ({ order: { sort, direction }, position: { value, id } })),
  );

describe('a cursor', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(places, ({ order, position }) => {
        const cursor = writeCursor(order, position);
        expect(cursor).toMatch(/^[\w-]+$/);
        // JSON has no negative zero.
        const value = position.value === 0 ? 0 : position.value;
        expect(readCursor(order, cursor)).toEqual({ id: position.id, value });
      }),
    );
  });

  test('of another order is not read', () => {
    fc.assert(
      fc.property(places, ({ order, position }) => {
        const cursor = writeCursor(order, position);
        for (const sort of VIDEO_SORTS) {
          for (const direction of DIRECTIONS) {
            const isOwn = sort === order.sort && direction === order.direction;
            expect(readCursor({ sort, direction }, cursor) !== undefined).toBe(isOwn);
          }
        }
      }),
    );
  });

  test('of a long title keeps no title, which is looked up', () => {
    const order = { sort: 'title', direction: 'asc' } as const;
    const cursor = writeCursor(order, { value: 'é'.repeat(1_000), id: 'youtube.x' });
    expect(cursor.length).toBeLessThan(200);
    expect(readCursor(order, cursor)).toEqual({ value: undefined, id: 'youtube.x' });
  });

  test.each([
    ['nothing', ''],
    ['no base64', '%%%'],
    ['no JSON', Buffer.from('x').toString('base64url')],
    ['an object', Buffer.from('{"$gt":""}').toString('base64url')],
    ['an operator', Buffer.from('["title","asc",{"$gt":""},"x"]').toString('base64url')],
    ['an id that is an operator', Buffer.from('["title","asc","x",{"$gt":""}]').toString('base64url')],
    ['a time out of range', Buffer.from('["published","asc",8640000000000001,"x"]').toString('base64url')],
    ['too much', 'A'.repeat(100_000)],
  ])('that is %s is not read', (_name, cursor) => {
    for (const sort of VIDEO_SORTS) expect(readCursor({ sort, direction: 'asc' }, cursor)).toBeUndefined();
  });
});
