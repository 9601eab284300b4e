import { addDownloadsByHand } from '../backlog/add-downloads.ts';
import type { Database } from '../database/database.ts';
import type { VideoKey } from '../domain/video-key.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { removeJobs } from '../reconcile/finish-deletion.ts';
import type { Actor } from './audited.ts';
import { changeVideos, type VideoResult } from './change-videos.ts';

export type { VideoResult } from './change-videos.ts';

interface SkipDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
}

/**
 * `skipped`: it is not archived, now or before. `archived`: its audio is in the bucket, so there is nothing to skip.
 * `deleted`: a person deleted it before. `unknown`: the record has no such video.
 */
export type SkipOutcome = 'skipped' | 'archived' | 'deleted' | 'unknown';

/**
 * Takes videos off their way for good: no listing, retry, `--force` or reconcile takes them up again. A job that is running
 * goes on and its result is discarded. `undoSkip` takes back what one such operation changed.
 */
export async function skipVideos(
  keys: readonly VideoKey[],
  actor: Actor,
  { database, queues }: SkipDependencies,
): Promise<VideoResult<SkipOutcome>[]> {
  return await changeVideos('videos.skip', keys, actor, database, async (key, operationId) => {
    const isSkipped = await database.decisions.skip(key, operationId);
    const video = await database.videos.find(key);
    // Jobs of a skipped video do nothing: a crash before this line only leaves them in the queues.
    if (isSkipped && video !== undefined) await removeJobs(key, video.round, queues);
    return outcomeOf(video?.skip_reason, video !== undefined);
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
  return await changeVideos('videos.unskip', keys, actor, database, async (key) => {
    const round = await database.decisions.unskip(key);
    // A crash before this line leaves a video without a job, which reconcile finds by its status.
    if (round !== undefined) {
      await addDownloadsByHand([{ key, round }], { database, queues });
      return 'unskipped';
    }
    return (await database.videos.find(key)) === undefined ? 'unknown' : 'not_skipped';
  });
}

/**
 * `unskipped`: it is downloaded now. `restored`: it is failed again, or skipped by its filter, as before; nothing starts.
 * `not_skipped`: nothing was changed, since another operation came after the skip.
 */
export type UndoOutcome = 'unskipped' | 'restored' | 'not_skipped';

/** Takes back what the skip `operation` (an `_id` of the audit) changed in these videos, and nothing else. */
export async function undoSkip(
  operation: string,
  keys: readonly VideoKey[],
  actor: Actor,
  { database, queues }: SkipDependencies,
): Promise<VideoResult<UndoOutcome>[]> {
  return await changeVideos('videos.undo skip', keys, actor, database, async (key) => {
    if (await database.decisions.restoreSkipped(key, operation)) return 'restored';
    const round = await database.decisions.unskip(key, operation);
    if (round === undefined) return 'not_skipped';
    await addDownloadsByHand([{ key, round }], { database, queues });
    return 'unskipped';
  });
}
