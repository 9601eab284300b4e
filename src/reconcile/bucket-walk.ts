import type { ScannedVideo } from '../database/video-scan.ts';
import { TransientError } from '../domain/job-errors.ts';
import { videoDocumentId } from '../domain/video-key.ts';
import { compareNames, parseAudioObjectName } from '../storage/object-names.ts';
import type { ObjectInfo } from '../storage/object-store.ts';

/** What bucket and record hold of one video. */
export interface WalkedVideo {
  readonly video: ScannedVideo | undefined;
  /** More than one when it was stored in several formats; empty when the bucket has none. */
  readonly objects: readonly ObjectInfo[];
}

interface Identified<T> {
  readonly id: string;
  readonly value: T;
}

/**
 * Joins a listing of the bucket with the record, both in the order of their ids: memory stays at a page of each.
 * @param onStrange told of each object whose name is not that of an audio object.
 * @throws TransientError when one of the two is not in that order, as nothing could be said to be missing then.
 */
export async function* walkBucket(
  listing: AsyncIterable<readonly ObjectInfo[]>,
  record: AsyncIterable<readonly ScannedVideo[]>,
  onStrange: (object: ObjectInfo) => void,
): AsyncGenerator<WalkedVideo, void> {
  const objects = inOrder('The bucket', identifyObjects(listing, onStrange));
  const videos = inOrder('MongoDB', identifyVideos(record));
  try {
    let object = await next(objects);
    let video = await next(videos);
    while (object !== undefined || video !== undefined) {
      const id = smaller(object?.id, video?.id);
      const same: ObjectInfo[] = [];
      while (object !== undefined && object.id === id) {
        same.push(object.value);
        object = await next(objects);
      }
      const isKnown = video?.id === id;
      yield { video: isKnown ? video?.value : undefined, objects: same };
      if (isKnown) video = await next(videos);
    }
  } finally {
    await objects.return();
    await videos.return();
  }
}

async function* identifyObjects(
  listing: AsyncIterable<readonly ObjectInfo[]>,
  onStrange: (object: ObjectInfo) => void,
): AsyncGenerator<Identified<ObjectInfo>, void> {
  for await (const page of listing) {
    for (const value of page) {
      const place = parseAudioObjectName(value.name);
      if (place === undefined) onStrange(value);
      else yield { id: videoDocumentId(place.key), value };
    }
  }
}

async function* identifyVideos(
  record: AsyncIterable<readonly ScannedVideo[]>,
): AsyncGenerator<Identified<ScannedVideo>, void> {
  for await (const page of record) {
    for (const value of page) yield { id: videoDocumentId(value.key), value };
  }
}

async function* inOrder<T>(
  who: string,
  items: AsyncIterable<Identified<T>>,
): AsyncGenerator<Identified<T>, void> {
  let last = '';
  for await (const item of items) {
    if (compareNames(item.id, last) < 0) {
      throw new TransientError(
        'server_error',
        `${who} does not list in the order of names: ${item.id} after ${last}.`,
      );
    }
    last = item.id;
    yield item;
  }
}

async function next<T>(items: AsyncGenerator<T, void>): Promise<T | undefined> {
  const { done, value } = await items.next();
  return done === true ? undefined : value;
}

function smaller(left: string | undefined, right: string | undefined): string | undefined {
  if (left === undefined) return right;
  return right === undefined || compareNames(left, right) <= 0 ? left : right;
}
