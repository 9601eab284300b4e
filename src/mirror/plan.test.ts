import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ObjectInfo } from '../storage/object-store.ts';
import { compareUtf8 } from '../domain/utf8-order.ts';
import { isMirrored, md5OfEtag } from './is-mirrored.ts';
import type { Pages } from './listing-cursor.ts';
import { planMirror, type PlanItem } from './plan.ts';

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
const byBytes = (left: ObjectInfo, right: ObjectInfo) => compareUtf8(left.name, right.name);
const byUnits = (left: ObjectInfo, right: ObjectInfo) => (left.name < right.name ? -1 : 1);

/** Any order that is neither that of bytes nor that of code units. */
const byEnd = (left: ObjectInfo, right: ObjectInfo) => byUnits(reversed(left), reversed(right));
const reversed = (info: ObjectInfo) => ({ ...info, name: Array.from(info.name).toReversed().join('') });

type Found = Record<PlanItem['kind'], string[]>;
const nothing = (): Found => ({ missing: [], equal: [], different: [], extra: [] });

async function found(source: () => Pages, target: () => Pages): Promise<{ found: Found; restarts: number }> {
  let all = nothing();
  let restarts = 0;
  for await (const step of planMirror(source, target)) {
    if (step.kind === 'restart') {
      all = nothing();
      restarts += 1;
      continue;
    }
    for (const item of step.items)
      all[item.kind].push(item.kind === 'extra' ? item.target.name : item.source.name);
  }
  return { found: all, restarts };
}

/** Characters on both sides of every border between the two orders, and ordinary ones. */
const character = fc.constantFrom(
  'a',
  'b',
  '/',
  'é',
  '中',
  '\ud7ff',
  '\uf900',
  '～',
  '\ufffd',
  '😀',
  '\u{10fffd}',
);
const anyName = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }),
  fc.string({ unit: character, minLength: 1, maxLength: 4 }),
);

describe('a plan', () => {
  test.each([
    ['the same order', byBytes, 0],
    ['the orders of bytes and of code units', byUnits, 0],
    ['two orders of which one is unknown', byEnd, undefined],
  ])('compares any two sets in %s', async (_what, targetOrder, restarts) => {
    const size = fc.integer({ min: 1, max: 5 });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(anyName, { maxLength: 60 }), size, size, async (all, a, b) => {
        const kinds: (keyof Found)[] = ['missing', 'equal', 'different', 'extra'];
        const expected = nothing();
        const source: ObjectInfo[] = [];
        const target: ObjectInfo[] = [];
        for (const [index, name] of all.entries()) {
          const kind = kinds[index % 4] ?? 'equal';
          expected[kind].push(name);
          if (kind !== 'extra') source.push(object(name));
          if (kind !== 'missing') target.push(copyOf(object(name, kind === 'different' ? 'old' : 'e1')));
        }
        const result = await found(
          () => pagesOf(source.toSorted(byBytes), a),
          () => pagesOf(target.toSorted(targetOrder), b),
        );
        for (const kind of kinds) expect(result.found[kind].toSorted()).toEqual(expected[kind].toSorted());
        if (restarts !== undefined) expect(result.restarts).toBe(restarts);
      }),
      { numRuns: 300 },
    );
  });

  test('memory stays bounded while both sides are in order', async () => {
    const objects = Array.from({ length: 5000 }, (_value, index) => object(String(index).padStart(8, '0')));
    let read = 0;
    async function* counted(pages: Pages) {
      for await (const page of pages) {
        read += page.length;
        yield page;
      }
    }
    let done = 0;
    let most = 0;
    const plan = planMirror(
      () => counted(pagesOf(objects, 100)),
      () => counted(pagesOf(objects.map(copyOf), 250)),
    );
    for await (const step of plan) {
      if (step.kind === 'restart') throw new Error('The order was held.');
      done += 2 * step.items.length;
      most = Math.max(most, read - done);
    }
    expect(done).toBe(10_000);
    expect(most).toBeLessThan(2500);
  });

  test('pages of both sides are requested before they are needed', async () => {
    const requested: string[] = [];
    async function* logged(side: string) {
      for (let page = 0; page < 3; page += 1) {
        requested.push(`${side}${String(page)}`);
        yield await Promise.resolve([object(String(page))]);
      }
    }
    const plan = planMirror(
      () => logged('source'),
      () => logged('target'),
    );
    await plan.next();
    expect(requested.slice(0, 2).toSorted()).toEqual(['source0', 'target0']);
    expect(new Set(requested)).toEqual(
      new Set(['source0', 'source1', 'source2', 'target0', 'target1', 'target2']),
    );
    await plan.return();
  });

  test('a name that is listed twice makes the plan begin again', async () => {
    let listings = 0;
    const source = () => {
      listings += 1;
      // The first answer was damaged on its way.
      return pagesOf(
        (listings === 1 ? ['a', 'a', 'c'] : ['a', 'b', 'c']).map((name) => object(name)),
        2,
      );
    };
    const result = await found(source, () => pagesOf([], 1));
    expect(result).toMatchObject({ restarts: 1, found: { missing: ['a', 'b', 'c'] } });
  });

  test.each([0, 1])('a listing that fails ends the plan with its error', async (pages) => {
    async function* broken() {
      if (pages > 0) yield await Promise.resolve([object('a')]);
      throw new Error('cut');
    }
    const source = () => pagesOf([object('a'), object('b')], 1);
    await expect(found(source, broken)).rejects.toThrow('cut');
    await expect(found(broken, source)).rejects.toThrow('cut');
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
    [
      'metadata of a copy around other content',
      object('a', 'e-2'),
      { ...copyOf(object('a', 'e-2')), md5, metadata: { srcetag: 'e-2', srcsize: '3', md5: 'f'.repeat(32) } },
      false,
    ],
  ])('%s', (_what, source, target, expected) => {
    expect(isMirrored(source, target)).toBe(expected);
  });
});

test.each([
  ['d41d8cd98f00b204e9800998ecf8427e', 'd41d8cd98f00b204e9800998ecf8427e'],
  ['d41d8cd98f00b204e9800998ecf8427e-2', undefined],
  ['D41D8CD98F00B204E9800998ECF8427E', undefined],
  ['0x8DE1', undefined],
])('the ETag %s tells the MD5 %s', (etag, md5) => {
  expect(md5OfEtag(etag)).toBe(md5);
});
