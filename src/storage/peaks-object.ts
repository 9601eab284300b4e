import { text } from 'node:stream/consumers';
import type { VideoKey } from '../domain/video-key.ts';
import type { MinioStore } from './minio-store.ts';
import { peaksObjectName } from './object-names.ts';
import type { ObjectStore } from './object-store.ts';
import { undefinedIfMissing } from './storage-errors.ts';

/** More than peaks take: 4,000 numbers of at most four characters, with a comma each. */
const MAX_PEAKS_BYTES = 64 * 1024;
/** Says to which audio they belong: a new download may have replaced it. */
const AUDIO_MD5 = 'audio_md5';

/**
 * Stores the peaks of a video's audio beside it, replacing earlier ones. Safe to repeat.
 * @param audioMd5 of the object that they were measured from
 * @throws JobErrors of the store
 */
export async function storePeaks(
  store: Pick<MinioStore, 'putText'>,
  key: VideoKey,
  peaks: string,
  audioMd5: string,
  signal: AbortSignal,
): Promise<void> {
  const object = { name: peaksObjectName(key), text: peaks, contentType: 'application/json' };
  await store.putText({ ...object, metadata: { [AUDIO_MD5]: audioMd5 } }, signal);
}

/**
 * The peaks of a video's audio as they are in the bucket, not checked.
 * @param audioMd5 undefined when the record does not know it: then any are taken
 * @returns undefined when there are none, or those of other audio.
 * @throws JobErrors of the store
 */
export async function readPeaks(
  store: ObjectStore,
  key: VideoKey,
  audioMd5: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const opened = await undefinedIfMissing(store.openRead(peaksObjectName(key), { signal }));
  if (opened === undefined) return undefined;
  const { info, stream } = opened;
  const isOfAudio = audioMd5 === undefined || info.metadata?.[AUDIO_MD5] === audioMd5;
  if (!isOfAudio || info.sizeBytes > MAX_PEAKS_BYTES) {
    stream.destroy();
    return undefined;
  }
  return await text(stream);
}
