import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ObjectInfo } from '../storage/object-store.ts';
import { compareNames } from '../storage/object-names.ts';
import { isMirrored, planMirror } from './plan.ts';

const object = (name: string, etag = 'e1', sizeBytes = 3): ObjectInfo => ({
  name,
  etag,
  sizeBytes,
  lastModified: new Date(0),
});
const copyOf = (source: ObjectInfo): ObjectInfo => ({
  ...source,
  etag: 'azure',
  metadata: { srcetag: source.etag, srcsize: String(source.sizeBytes) },
});
async function* pagesOf(objects: readonly ObjectInfo[], size: number) {
  for (let start = 0; start < objects.length; start += size) {
    yield await Promise.resolve(objects.slice(start, start + size));
  }
}
const byBytes = (left: ObjectInfo, right: ObjectInfo) => compareNames(left.name, right.name);
const byUnits = (left: ObjectInfo, right: ObjectInfo) => (left.name < right.name ? -1 : 1);

describe('a plan', () => {
  test.each([
    ['the same order', byBytes, true],
    ['two orders', byUnits, false],
  ])('joins any two sets in %s', async (_what, targetOrder, isExact) => {
    const names = fc.uniqueArray(fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(
        names,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        async (all, a, b) => {
          const source = all.filter((_name, index) => index % 4 !== 0).map((name) => object(name));
          const target = all.filter((_name, index) => index % 3 !== 0).map((name) => copyOf(object(name)));
          const found: Record<string, string[]> = { missing: [], equal: [], different: [], extra: [] };
          const plan = planMirror(
            pagesOf(source.toSorted(byBytes), a),
            pagesOf(target.toSorted(targetOrder), b),
          );
          for await (const item of plan) {
            found[item.kind]?.push(item.kind === 'extra' ? item.target.name : item.source.name);
          }
          const inTarget = new Set(target.map(({ name }) => name));
          const inSource = new Set(source.map(({ name }) => name));
          const missing = source.filter(({ name }) => !inTarget.has(name)).map(({ name }) => name);
          const extra = target.filter(({ name }) => !inSource.has(name)).map(({ name }) => name);
          expect(found['different']).toEqual([]);
          // With another order, names may look missing that are not, but never the other way round.
          if (isExact) expect(new Set(found['missing'])).toEqual(new Set(missing));
          for (const name of missing) expect(found['missing']).toContain(name);
          expect(new Set(found['extra'])).toEqual(new Set(extra));
        },
      ),
    );
  });

  test('memory stays bounded while both sides are in order', async () => {
    const objects = Array.from({ length: 5000 }, (_value, index) => object(String(index).padStart(8, '0')));
    let read = 0;
    async function* counted(pages: AsyncIterable<readonly ObjectInfo[]>) {
      for await (const page of pages) {
        read += page.length;
        yield page;
      }
    }
    let done = 0;
    let most = 0;
    for await (const _item of planMirror(
      counted(pagesOf(objects, 100)),
      counted(pagesOf(objects.map(copyOf), 250)),
    )) {
      done += 2;
      most = Math.max(most, read - done);
    }
    expect(done).toBe(10_000);
    expect(most).toBeLessThan(1000);
  });

  test('a listing that fails ends the plan with its error', async () => {
    async function* broken() {
      yield await Promise.resolve([object('a')]);
      throw new Error('cut');
    }
    const read = async () => {
      for await (const _item of planMirror(pagesOf([object('a'), object('b')], 1), broken())) continue;
    };
    await expect(read()).rejects.toThrow('cut');
  });
});

describe('what counts as mirrored', () => {
  const md5 = 'd41d8cd98f00b204e9800998ecf8427e';
  test.each([
    ['a copy of this version', object('a'), copyOf(object('a')), true],
    ['a copy of another version', object('a'), copyOf(object('a', 'e0')), false],
    ['another size', object('a'), { ...copyOf(object('a')), sizeBytes: 4 }, false],
    ['the same checked MD5, stored by another program', object('a', md5), { ...object('a', 'x'), md5 }, true],
    ['nothing to compare', object('a'), object('a', 'x'), false],
  ])('%s', (_what, source, target, expected) => {
    expect(isMirrored(source, target)).toBe(expected);
  });
});
