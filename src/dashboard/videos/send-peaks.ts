import type { Response } from 'express';
import type { Database } from '../../database/database.ts';
import { isArchived } from '../../database/video-search.ts';
import type { VideoKey } from '../../domain/video-key.ts';
import { parsePeaks } from '../../media/peaks.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { readPeaks } from '../../storage/peaks-object.ts';

const READ_DEADLINE_MS = 10_000;

/**
 * Sends the peaks of a video's audio, if the bucket has them and they are what they should be. When the record tells of peaks
 * that are not there, or not its own, it forgets them, and the maintenance task makes them again.
 * @returns false when there are none.
 * @throws JobErrors of the store
 */
export async function sendPeaks(
  key: VideoKey,
  { database, store }: { readonly database: Database; readonly store: ObjectStore },
  response: Response,
): Promise<boolean> {
  const video = await database.videos.find(key);
  if (video === undefined || !isArchived(video) || video.audio.peaks !== 'made') return false;
  const { md5 } = video.audio;
  const text = await readPeaks(store, key, md5, AbortSignal.timeout(READ_DEADLINE_MS));
  const peaks = text === undefined ? undefined : parsePeaks(text);
  if (peaks === undefined) {
    await database.peaks.forget(key, md5);
    return false;
  }
  response.set('cache-control', 'private, no-cache').json(peaks);
  return true;
}
