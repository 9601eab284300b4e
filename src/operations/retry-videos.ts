import type { Database } from '../database/database.ts';
import type { VideoDocument } from '../database/documents.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import type { VideoKey } from '../domain/video-key.ts';

/**
 * Sends one failed or waiting video back to the stage that failed, now, with a fresh count of rounds.
 * @returns false when it neither failed nor waits, or another process was first.
 */
export async function retryVideo(
  key: VideoKey,
  { database, queues }: { readonly database: Database; readonly queues: JobQueues },
): Promise<boolean> {
  const revived = await database.videos.revive(key);
  if (revived === undefined) return false;
  // A crash before this line leaves a video without a job, which the next `npm run retry` cannot see; the
  // reconcile pass finds it by its status. The wait of the old round would only find itself superseded.
  await queues.addStage(revived.stage, key, revived.round);
  await queues.removeRetry(revived.stage, key, revived.round - 1);
  return true;
}

/** Revives a stream of videos. @returns how many were revived. */
export async function retryVideos(
  videos: AsyncIterable<VideoDocument>,
  dependencies: { readonly database: Database; readonly queues: JobQueues },
  signal: AbortSignal,
): Promise<number> {
  let revived = 0;
  for await (const video of videos) {
    if (signal.aborted) break;
    const key: VideoKey = { provider: video.provider, videoId: video.video_id };
    if (await retryVideo(key, dependencies)) revived += 1;
  }
  return revived;
}
