import type { VideoDocument } from '../../src/database/collections/video.ts';
import type { Database } from '../../src/database/database.ts';
import { videoDocumentId } from '../../src/domain/video-key.ts';
import { keyOf } from './reconcile-environment.ts';

/** The record of the n-th video, whatever else it says. */
export function videoRecord(number: number, fields: Partial<VideoDocument> = {}): VideoDocument {
  const key = keyOf(number);
  const at = new Date(Date.UTC(2026, 0, 1) + number * 1_000);
  return {
    _id: videoDocumentId(key),
    provider: key.provider,
    video_id: key.videoId,
    url: `https://www.youtube.com/watch?v=${key.videoId}`,
    status: 'discovered',
    ...{ round: 0, first_round: 0, retry_attempts: 0, created_at: at, updated_at: at },
    ...fields,
  };
}

/** Puts records into the database as they are. */
export async function insertVideos(
  { connection }: Database,
  videos: readonly VideoDocument[],
): Promise<void> {
  await connection.model('Video').insertMany(videos);
}
