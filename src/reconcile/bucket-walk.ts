import type { ScannedVideo } from '../database/video-scan.ts';
import { TransientError } from '../domain/job-errors.ts';
import { videoDocumentId } from '../domain/video-key.ts';
import { compareUtf8 } from '../domain/utf8-order.ts';
import { parseAudioObjectName } from '../storage/object-names.ts';
import type { ObjectInfo } from '../storage/object-store.ts';

/** A video with its record and its objects. */
export interface WalkedVideo {
  readonly video: ScannedVideo | undefined;
  /** More than one when it was stored in several formats. */
  readonly objects: readonly ObjectInfo[];
}

interface Identified<T> {
  readonly id: string;
  readonly value: T;
}

/**
 * Joins a listing of the bucket with the videos in MongoDB, both in the order of ids: memory holds one page of each.
 * @param onUnrecognised called for each object whose name is not that of an audio object.
 * @throws TransientError when one of the two is in another order, because then nothing is known to be missing.
 */
export async function* walkBucket(
  listing: AsyncIterable<readonly ObjectInfo[]>,
  record: AsyncIterable<readonly ScannedVideo[]>,
  onUnrecognised: (object: ObjectInfo) => void,
): AsyncGenerator<WalkedVideo, void> {
  const objects = inOrder('The bucket', identifyObjects(listing, onUnrecognised));
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
  onUnrecognised: (object: ObjectInfo) => void,
): AsyncGenerator<Identified<ObjectInfo>, void> {
  for await (const page of listing) {
    for (const value of page) {
      const parsedName = parseAudioObjectName(value.name);
      if (parsedName === undefined) onUnrecognised(value);
      else yield { id: videoDocumentId(parsedName.key), value };
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
    if (compareUtf8(item.id, last) < 0) {
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
  return right === undefined || compareUtf8(left, right) <= 0 ? left : right;
}
