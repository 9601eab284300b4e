import { addDownloads, LISTS } from '../../backlog/add-downloads.ts';
import type { RunDependencies } from '../../collectors/scheduling/request-run.ts';
import { runId } from '../../database/run-repository.ts';
import { ERROR_CLASSES } from '../../domain/error-classes.ts';
import { TransientError } from '../../domain/job-errors.ts';
import { STATUS_BEFORE } from '../../domain/video-status.ts';
import type { JobResult } from '../../queues/catalogue.ts';
import { collectJobId } from '../../queues/job-ids.ts';
import type { CollectPayload } from '../../queues/payloads.ts';
import type { Processor } from '../processor.ts';

/**
 * Makes the processor of the retry queue: starts the next round of a video at its stage, or of a run of a source. Only
 * one of several jobs for a round wins; a job that finds the round started but perhaps without its job adds the job
 * again, which changes nothing where it exists.
 */
export function createRetryProcessor({ database, queues }: RunDependencies): Processor<'retry'> {
  return {
    process: async (payload) => {
      if (payload.stage === 'collect') return await retryRun(payload, { database, queues });
      const { stage, provider, videoId, round } = payload;
      const key = { provider, videoId };
      const video = await database.videos.find(key);
      if (video === undefined) return { outcome: 'superseded' };
      const { error, status } = video;
      const isWaiting = status === 'retrying' && video.round === round;
      if (isWaiting) {
        const wasLater = error ? ERROR_CLASSES[error.class].outcome === 'later' : false;
        await database.videos.claimRetry(key, round, stage, { countsAsRound: !wasLater });
      }
      const isStarted = video.round === round + 1 && status === STATUS_BEFORE[stage];
      if (!isWaiting && !isStarted) return { outcome: 'superseded', round: video.round, status };
      const next = { key, round: round + 1 };
      if (stage === 'download') await addDownloads([next], { list: LISTS.again }, { database, queues });
      else await queues.add(stage, { ...key, round: round + 1 });
      return { outcome: 'sent back', stage, round: round + 1 };
    },
  };
}

/** The run itself is taken over by the attempt that follows, which also decides whether it is still wanted. */
async function retryRun(
  { sourceId, scheduledFor, trigger, round }: CollectPayload,
  { database, queues }: RunDependencies,
): Promise<JobResult> {
  const run = await database.runs.findById(runId(sourceId, new Date(scheduledFor)));
  if (run?.status !== 'failed' || run.round !== round) return { outcome: 'superseded' };
  const next = { sourceId, scheduledFor, trigger, round: round + 1 };
  if ((await queues.add('collect', next)) !== collectJobId(next, next.round)) {
    throw new TransientError(
      'unknown',
      `Another run of ${sourceId} is in progress; this one waits for its end.`,
    );
  }
  return { outcome: 'sent back', stage: 'collect', round: round + 1 };
}
