import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { feedPart } from './feed-parts.ts';

describe('the parts of a feed', () => {
  test.each([
    [0, undefined, { start: 0, end: 0, archives: 0 }],
    [10, undefined, { start: 0, end: 10, archives: 0 }],
    [11, undefined, { start: 0, end: 10, archives: 1 }],
    [11, 1, { start: 1, end: 11, archives: 1 }],
    [25, undefined, { start: 0, end: 10, archives: 2 }],
    [25, 2, { start: 5, end: 15, archives: 2 }],
    [25, 1, { start: 15, end: 25, archives: 2 }],
  ])('of %d items, archive %s', (total, archive, expected) => {
    expect(feedPart(total, archive, 10)).toEqual({ ...expected, archive });
  });

  test.each([
    [10, 1],
    [25, 3],
    [25, 0],
    [25, -1],
  ])('of %d items there is no archive %d', (total, archive) => {
    expect(feedPart(total, archive, 10)).toBeUndefined();
  });

  test('together they have every item; archives are full and stay the same when newer items come', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.integer({ min: 1, max: 20 }), fc.nat(50), (total, size, newer) => {
        const items = Array.from({ length: total }, (_, index) => total - index);
        const current = feedPart(total, undefined, size);
        const numbers = Array.from({ length: current?.archives ?? 0 }, (_, index) => index + 1);
        const archives = numbers.map((number) => feedPart(total, number, size));
        const seen = new Set([current, ...archives].flatMap((part) => items.slice(part?.start, part?.end)));
        expect(seen.size).toBe(total);
        const later = Array.from({ length: total + newer }, (_, index) => total + newer - index);
        for (const number of numbers) {
          const [before, after] = [feedPart(total, number, size), feedPart(total + newer, number, size)];
          expect((before?.end ?? 0) - (before?.start ?? 0)).toBe(size);
          expect(later.slice(after?.start, after?.end)).toEqual(items.slice(before?.start, before?.end));
        }
      }),
    );
  });
});
