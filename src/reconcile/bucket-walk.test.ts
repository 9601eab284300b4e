import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ScannedVideo } from '../database/video-scan.ts';
import { videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import { compareUtf8 } from '../domain/utf8-order.ts';
import { audioObjectName } from '../storage/object-names.ts';
import type { ObjectInfo } from '../storage/object-store.ts';
import { walkBucket, type WalkedVideo } from './bucket-walk.ts';

const objectOf = (name: string): ObjectInfo => ({
  name,
  sizeBytes: 1,
  etag: 'x',
  lastModified: new Date(0),
});
const videoOf = (key: VideoKey): ScannedVideo => ({
  key,
  status: 'stored',
  round: 0,
  firstRound: 0,
  nextRetryAt: undefined,
  failedStage: undefined,
  object: undefined,
  deletedAt: undefined,
});
const byName = <T>(items: readonly T[], nameOf: (item: T) => string) =>
  [...items].sort((left, right) => compareUtf8(nameOf(left), nameOf(right)));

async function* paged<T>(items: readonly T[], size: number): AsyncGenerator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) {
    yield await Promise.resolve(items.slice(start, start + size));
  }
}

async function walk(names: readonly string[], keys: readonly VideoKey[], pageSize = 2) {
  const unrecognised: string[] = [];
  const walked = await Array.fromAsync(
    walkBucket(paged(names.map(objectOf), pageSize), paged(keys.map(videoOf), pageSize), ({ name }) => {
      unrecognised.push(name);
    }),
  );
  return { walked, unrecognised };
}

const key = fc.oneof(
  fc.stringMatching(/^[\w-]{11}$/).map((videoId): VideoKey => ({ provider: 'youtube', videoId })),
  fc.stringMatching(/^[0-9a-f]{64}$/).map((videoId): VideoKey => ({ provider: 'http', videoId })),
);
const id = (walked: WalkedVideo, objects: ReadonlyMap<string, string>) =>
  walked.video === undefined ? objects.get(walked.objects[0]?.name ?? '') : videoDocumentId(walked.video.key);

describe('the join of bucket and record', () => {
  test('yields every video of either once, with all its objects, for any page size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(key, fc.boolean(), fc.subarray(['mp3', 'm4a'])), {
          maxLength: 12,
          selector: ([each]) => videoDocumentId(each),
        }),
        fc.integer({ min: 1, max: 4 }),
        async (items, pageSize) => {
          const idOfName = new Map(
            items.flatMap(([each, , formats]) =>
              formats.map((format) => [audioObjectName(each, format), videoDocumentId(each)] as const),
            ),
          );
          const known = items.filter(([, isKnown]) => isKnown).map(([each]) => each);
          const { walked, unrecognised } = await walk(
            byName([...idOfName.keys()], (name) => name),
            byName(known, videoDocumentId),
            pageSize,
          );
          const expected = items
            .filter(([, isKnown, formats]) => isKnown || formats.length > 0)
            .map(([each, isKnown, formats]) => [videoDocumentId(each), isKnown, formats.length]);
          expect(
            walked.map((each) => [id(each, idOfName), each.video !== undefined, each.objects.length]),
          ).toEqual(byName(expected, ([name]) => String(name)));
          expect(unrecognised).toEqual([]);
        },
      ),
    );
  });

  test('reports names that are not audio objects, and continues', async () => {
    const names = ['audio/other/a.mp3', 'audio/youtube/AAAAAAAAAAA.mp3', 'audio/youtube/x', 'audio/z'];
    const { walked, unrecognised } = await walk(names, []);
    expect(walked.map(({ objects }) => objects.map(({ name }) => name))).toEqual([[names[1]]]);
    expect(unrecognised).toEqual([names[0], names[2], names[3]]);
  });

  test.each([
    ['bucket', ['audio/youtube/BBBBBBBBBBB.mp3', 'audio/youtube/AAAAAAAAAAA.mp3'], []],
    ['record', [], ['BBBBBBBBBBB', 'AAAAAAAAAAA']],
  ])('fails for a %s that is out of order', async (_who, names, ids) => {
    const keys = ids.map((videoId): VideoKey => ({ provider: 'youtube', videoId }));
    await expect(walk(names, keys)).rejects.toThrow('does not list in the order of names');
  });

  test('does not read ahead more than a page of either', async () => {
    let pages = 0;
    const listing = async function* (): AsyncGenerator<readonly ObjectInfo[]> {
      for (const letter of 'ABCDEFGH') {
        pages += 1;
        yield await Promise.resolve([objectOf(`audio/youtube/${letter.repeat(11)}.mp3`)]);
      }
    };
    for await (const walked of walkBucket(listing(), paged([], 1), () => undefined)) {
      expect(walked.objects).toHaveLength(1);
      if (pages >= 3) break;
    }
    expect(pages).toBeLessThanOrEqual(3);
  });
});
