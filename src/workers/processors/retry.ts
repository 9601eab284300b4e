import { STATUS_BEFORE } from '../../domain/video-status.ts';
import type { Database } from '../../database/database.ts';
import { runId } from '../../database/run-repository.ts';
import type { JobQueues } from '../../queues/job-queues.ts';
import type { CollectPayload } from '../../queues/payloads.ts';
import { ERROR_CLASSES } from '../../domain/error-classes.ts';
import { TransientError } from '../../domain/job-errors.ts';
import type { VideoKey } from '../../domain/video-key.ts';
import type { JobResult } from '../../queues/catalogue.ts';
import type { Processor } from '../processor.ts';

interface RetryDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
}

/**
 * Makes the processor of the retry queue: opens the next round of a video and sends it back to its stage, or of a
 * run of a source and sends it back to `collect`. Only
 * one of several runs for a round wins; a run that finds the round opened but perhaps without its job adds the
 * job again, which changes nothing where it exists.
 */
export function createRetryProcessor({ database, queues }: RetryDependencies): Processor<'retry'> {
  return {
    process: async (payload) => {
      if (payload.stage === 'collect') return await sendRunBack(payload, { database, queues });
      const { stage, provider, videoId, round } = payload;
      const key: VideoKey = { provider, videoId };
      const video = await database.videos.find(key);
      if (video === undefined) return { outcome: 'superseded' };
      const wasLater = video.error !== null && video.error !== undefined && isLater(video.error.class);
      const isOpen = video.status === 'retrying' && video.round === round;
      if (isOpen) await database.videos.claimRetry(key, round, stage, { countsAsRound: !wasLater });
      const wasOpened = video.round === round + 1 && video.status === STATUS_BEFORE[stage];
      if (!isOpen && !wasOpened) return { outcome: 'superseded', round: video.round, status: video.status };
      await queues.addStage(stage, key, round + 1);
      return { outcome: 'sent back', stage, round: round + 1 };
    },
  };
}

/** The run itself is taken over by the attempt that follows, which then also tells whether it is still wanted. */
async function sendRunBack(
  { sourceId, scheduledFor, trigger, round }: CollectPayload,
  { database, queues }: RetryDependencies,
): Promise<JobResult> {
  const run = await database.runs.find(runId(sourceId, new Date(scheduledFor)));
  if (run?.status !== 'failed' || run.round !== round) return { outcome: 'superseded' };
  const addition = await queues.addCollect({ sourceId, scheduledFor, trigger, round: round + 1 });
  if (addition.outcome === 'overlap') {
    throw new TransientError(
      'unknown',
      `Another run of ${sourceId} is under way; this one waits for its end.`,
    );
  }
  return { outcome: 'sent back', stage: 'collect', round: round + 1 };
}

function isLater(errorClass: keyof typeof ERROR_CLASSES): boolean {
  return ERROR_CLASSES[errorClass].outcome === 'later';
}
