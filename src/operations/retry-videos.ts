import type { Database } from '../database/database.ts';
import type { ErrorClass } from '../domain/error-classes.ts';
import type { VideoKey } from '../domain/video-key.ts';
import { addDownloadsByHand } from '../backlog/add-downloads.ts';
import { retryJobId } from '../queues/job-ids.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { audited, type Actor } from './audited.ts';
import { changeVideos, type VideoResult } from './change-videos.ts';

interface RetryDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
}

/** `skipped`: a person skipped or deleted it. `refused`: it has neither failed nor waits for a retry. */
export type RetryOutcome = 'retried' | 'skipped' | 'refused' | 'unknown';

/** Starts failed or waiting videos again at the stage that failed, now, with their rounds counted from zero. */
export async function retryVideos(
  keys: readonly VideoKey[],
  actor: Actor,
  dependencies: RetryDependencies,
): Promise<VideoResult<RetryOutcome>[]> {
  const { database } = dependencies;
  return await changeVideos('videos.retry', keys, actor, database, async (key) => {
    if (await retryVideo(key, dependencies)) return 'retried';
    const video = await database.videos.find(key);
    return video === undefined ? 'unknown' : video.status === 'skipped' ? 'skipped' : 'refused';
  });
}

/**
 * Starts all failed videos again, or those of one class.
 * @returns how many.
 */
export async function retryFailedVideos(
  errorClass: ErrorClass | undefined,
  actor: Actor,
  dependencies: RetryDependencies,
  signal: AbortSignal,
): Promise<number> {
  const { database } = dependencies;
  const target = { operation: 'videos.retry failed', targets: errorClass === undefined ? [] : [errorClass] };
  return await audited(database, actor, target, async () => {
    let retried = 0;
    for await (const { provider, video_id: videoId } of database.overview.failed(errorClass)) {
      if (signal.aborted) break;
      if (await retryVideo({ provider, videoId }, dependencies)) retried += 1;
    }
    return retried;
  });
}

/** @returns false when the video has neither failed nor waits for a retry, or another process was first. */
async function retryVideo(key: VideoKey, { database, queues }: RetryDependencies): Promise<boolean> {
  const retried = await database.repairs.retry(key);
  if (retried === undefined) return false;
  // A crash before this line leaves a video without a job, which the next `npm run retry` cannot see; the reconcile
  // pass finds it by its status. The delayed job of the old round would do nothing: its round is superseded.
  if (retried.stage === 'download') await addDownloadsByHand([retried], { database, queues });
  else await queues.add(retried.stage, { ...key, round: retried.round });
  await queues.jobs.remove('retry', retryJobId(retried.stage, key, retried.round - 1));
  return true;
}
