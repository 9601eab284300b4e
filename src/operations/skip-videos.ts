import type { Database } from '../database/database.ts';
import { videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { removeJobs } from '../reconcile/finish-deletion.ts';
import { audited, type Actor } from './audited.ts';

interface SkipDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
}

/** What became of each video, by its `_id`. */
export interface VideoResult<Outcome extends string> {
  readonly id: string;
  readonly outcome: Outcome;
}

/**
 * `skipped`: it is not archived, now or before. `archived`: its audio is in the bucket, so there is nothing to skip.
 * `deleted`: a person deleted it before. `unknown`: the record has no such video.
 */
export type SkipOutcome = 'skipped' | 'archived' | 'deleted' | 'unknown';

/**
 * Takes videos off their way for good: no listing, retry, `--force` or reconcile takes them up again. A job that is running
 * goes on and its result is discarded.
 */
export async function skipVideos(
  keys: readonly VideoKey[],
  actor: Actor,
  dependencies: SkipDependencies,
): Promise<VideoResult<SkipOutcome>[]> {
  const { database, queues } = dependencies;
  const targets = keys.map(videoDocumentId);
  return await audited(database, actor, { operation: 'videos.skip', targets }, async () => {
    const results: VideoResult<SkipOutcome>[] = [];
    for (const key of keys) {
      const isSkipped = await database.decisions.skip(key);
      const video = await database.videos.find(key);
      // Jobs of a skipped video do nothing: a crash before this line only leaves them in the queues.
      if (isSkipped && video !== undefined) await removeJobs(key, video.round, queues);
      results.push({ id: videoDocumentId(key), outcome: outcomeOf(video?.skip_reason, video !== undefined) });
    }
    return results;
  });
}

function outcomeOf(skipReason: string | null | undefined, isKnown: boolean): SkipOutcome {
  if (!isKnown) return 'unknown';
  if (skipReason === 'deleted') return 'deleted';
  return skipReason === 'ignored' ? 'skipped' : 'archived';
}

/** `unskipped`: it is downloaded now. `not_skipped`: nothing was changed. */
export type UnskipOutcome = 'unskipped' | 'not_skipped' | 'unknown';

/** Starts videos again that were skipped, by a person or by a filter, or deleted. */
export async function unskipVideos(
  keys: readonly VideoKey[],
  actor: Actor,
  { database, queues }: SkipDependencies,
): Promise<VideoResult<UnskipOutcome>[]> {
  const targets = keys.map(videoDocumentId);
  return await audited(database, actor, { operation: 'videos.unskip', targets }, async () => {
    const results: VideoResult<UnskipOutcome>[] = [];
    for (const key of keys) {
      const round = await database.decisions.unskip(key);
      // A crash before this line leaves a video without a job, which reconcile finds by its status.
      if (round !== undefined) await queues.add('download', { ...key, round });
      const isKnown = round !== undefined || (await database.videos.find(key)) !== undefined;
      const outcome = round !== undefined ? 'unskipped' : isKnown ? 'not_skipped' : 'unknown';
      results.push({ id: videoDocumentId(key), outcome });
    }
    return results;
  });
}
