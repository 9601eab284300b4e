import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareUtf8 } from '../../domain/utf8-order.ts';
import type { ObjectInfo } from '../../storage/object-store.ts';
import { isBorder, pagesInRange, prefixOfRange } from '../key-range.ts';
import { mergePlace } from '../merge-order.ts';
import { splitBucket, type Shard } from './split-bucket.ts';

const object = (name: string, sizeBytes = 1): ObjectInfo => ({
  name,
  etag: 'e',
  sizeBytes,
  lastModified: new Date(0),
});
async function* pagesOf(objects: readonly ObjectInfo[], size = 1000) {
  for (let start = 0; start < objects.length; start += size) {
    yield await Promise.resolve(objects.slice(start, start + size));
  }
}
async function split(objects: readonly ObjectInfo[]): Promise<Shard[]> {
  const shards: Shard[] = [];
  for await (const shard of splitBucket(pagesOf(objects))) shards.push(shard);
  return shards;
}
const numbered = (count: number, sizeBytes = 1) =>
  Array.from({ length: count }, (_value, index) => object(`a/${String(index).padStart(8, '0')}`, sizeBytes));

describe('shards', () => {
  test.each([
    [0, 1, 0],
    [100, 1, 100],
    [3000, 12, 250],
    [100_000, 70, 6000],
  ])('of %i small objects', async (count, most, largest) => {
    const shards = await split(numbered(count));
    expect(shards.length).toBeLessThanOrEqual(most + 1);
    expect(Math.max(...shards.map(({ keys }) => keys))).toBeLessThanOrEqual(largest + 1);
    expect(shards.reduce((sum, { keys }) => sum + keys, 0)).toBe(count);
  });

  test('a million names are some hundred shards, none larger than a listing of ten pages', async () => {
    async function* million() {
      for (let start = 0; start < 1_000_000; start += 1000) {
        yield await Promise.resolve(
          Array.from({ length: 1000 }, (_value, index) => object(String(start + index).padStart(9, '0'))),
        );
      }
    }
    let count = 0;
    let most = 0;
    for await (const { keys } of splitBucket(million())) {
      count += 1;
      most = Math.max(most, keys);
    }
    expect(count).toBeLessThan(250);
    expect(most).toBe(10_000);
  });

  test('large objects make smaller shards', async () => {
    const shards = await split(numbered(40, 5 * 1024 ** 3));
    expect(shards.map(({ keys }) => keys)).toEqual([...Array.from({ length: 20 }, () => 2), 0]);
  });

  test('follow each other without a gap', async () => {
    const shards = await split(numbered(5000));
    expect(shards[0]?.after).toBeUndefined();
    expect(shards.at(-1)?.upTo).toBeUndefined();
    for (const [index, shard] of shards.entries()) {
      if (index > 0) expect(shard.after).toBe(shards[index - 1]?.upTo);
    }
  });
});

/** Characters on both sides of every border between the orders of bytes and of code units. */
const character = fc.constantFrom('a', 'b', '/', 'é', '中', '\ud7ff', '\uf900', '～', '😀', '\u{10fffd}');
const anyName = fc.string({ unit: character, minLength: 1, maxLength: 5 });
const byBytes = (left: ObjectInfo, right: ObjectInfo) => compareUtf8(left.name, right.name);
const byUnits = (left: ObjectInfo, right: ObjectInfo) => (left.name < right.name ? -1 : 1);

test('every name of either store is in exactly one range, whatever the borders, and is listed behind its beginning', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(anyName, { maxLength: 40 }),
      fc.integer({ min: 1, max: 4 }),
      async (names, pageSize) => {
        const borders = names.filter((name, index) => index % 3 === 0 && isBorder(name)).toSorted();
        const ranges = [...borders, undefined].map((upTo, index) => ({
          ...(index > 0 && { after: borders[index - 1] ?? '' }),
          ...(upTo !== undefined && { upTo }),
        }));
        for (const order of [byBytes, byUnits]) {
          const listing = names.map((name) => object(name)).toSorted(order);
          const found: string[] = [];
          for (const range of ranges) {
            // A store that begins where it is asked to.
            const { after = '' } = range;
            const from = listing.filter(({ name }) =>
              order === byBytes ? compareUtf8(name, after) > 0 : name > after,
            );
            const prefix = prefixOfRange(range, '');
            const listed = from.filter(({ name }) => name.startsWith(prefix));
            for await (const page of pagesInRange(pagesOf(listed, pageSize), range)) {
              found.push(...page.map(({ name }) => name));
            }
          }
          expect(found.toSorted()).toEqual(names.toSorted());
        }
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  ['a/', 'a/5', 'a/9', 'a/'],
  ['', 'audio/youtube/Ab', 'audio/youtube/Ac', 'audio/youtube/A'],
  ['', 'a', 'ab', 'a'],
  ['', 'a', 'b', ''],
  ['audio/', 'audio', 'audio/x', 'audio/'],
])('below %j, the names after %j up to %j begin with %j', (prefix, after, upTo, expected) => {
  expect(prefixOfRange({ after, upTo }, prefix)).toBe(expected);
  expect(mergePlace(upTo) > after).toBe(true);
});

test('a listing is not read behind the range', async () => {
  let pages = 0;
  async function* counted() {
    for await (const page of pagesOf(numbered(1000), 100)) {
      pages += 1;
      yield page;
    }
  }
  let names = 0;
  for await (const page of pagesInRange(counted(), { after: 'a/00000049', upTo: 'a/00000149' }))
    names += page.length;
  expect(names).toBe(100);
  expect(pages).toBe(2);
});
