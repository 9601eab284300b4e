import type { Database } from '../database/database.ts';
import type { VideoDocument } from '../database/collections/video.ts';
import { retryJobId } from '../queues/job-ids.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import type { VideoKey } from '../domain/video-key.ts';

interface RetryDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
}

/**
 * Starts one failed or waiting video again at the stage that failed, now, with its rounds counted from zero.
 * @returns false when the video has neither failed nor waits for a retry, or another process was first.
 */
export async function retryVideo(key: VideoKey, { database, queues }: RetryDependencies): Promise<boolean> {
  const retried = await database.repairs.retry(key);
  if (retried === undefined) return false;
  // A crash before this line leaves a video without a job, which the next `npm run retry` cannot see; the reconcile
  // pass finds it by its status. The delayed job of the old round would do nothing: its round is superseded.
  await queues.add(retried.stage, { ...key, round: retried.round });
  await queues.jobs.remove('retry', retryJobId(retried.stage, key, retried.round - 1));
  return true;
}

/** @returns how many of the videos were started again. */
export async function retryVideos(
  videos: AsyncIterable<VideoDocument>,
  dependencies: RetryDependencies,
  signal: AbortSignal,
): Promise<number> {
  let retried = 0;
  for await (const { provider, video_id: videoId } of videos) {
    if (signal.aborted) break;
    if (await retryVideo({ provider, videoId }, dependencies)) retried += 1;
  }
  return retried;
}
