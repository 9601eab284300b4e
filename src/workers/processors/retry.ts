import type { Database } from '../../database/database.ts';
import { STATUS_BEFORE } from '../../database/video-repository.ts';
import type { JobQueues } from '../../queues/job-queues.ts';
import { ERROR_CLASSES } from '../../runtime/error-classes.ts';
import type { VideoKey } from '../../runtime/video-key.ts';
import type { Processor } from '../processor.ts';

/**
 * Makes the processor of the retry queue: opens the next round of a video and sends it back to its stage. Only
 * one of several runs for a round wins; a run that finds the round opened but perhaps without its job adds the
 * job again, which changes nothing where it exists.
 */
export function createRetryProcessor({
  database,
  queues,
}: {
  readonly database: Database;
  readonly queues: JobQueues;
}): Processor<'retry'> {
  return {
    process: async (payload) => {
      if (payload.stage === 'collect') return { outcome: 'superseded' };
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

function isLater(errorClass: keyof typeof ERROR_CLASSES): boolean {
  return ERROR_CLASSES[errorClass].outcome === 'later';
}
