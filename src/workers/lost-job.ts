import type { Job } from 'bullmq';
import { TransientError, toError } from '../domain/job-errors.ts';
import type { QueueName } from '../domain/queues.ts';
import { parsePayload } from '../queues/catalogue.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import type { Logger } from '../runtime/logger.ts';
import type { JobContext, Processor } from './processor.ts';

interface LostJobDependencies {
  readonly queues: JobQueues;
  readonly logger: Logger;
  /** A job taken more recently than this was taken by the next worker. */
  readonly lockMs: number;
}

/** Handles the jobs of one queue that lost their workers, and tells its processor of them. */
export function createLostJobHandler<N extends QueueName>(
  name: N,
  processor: Processor<N>,
  { queues, logger, lockMs }: LostJobDependencies,
) {
  async function record(jobId: string): Promise<void> {
    try {
      const job: Job | undefined = await queues.queue(name).getJob(jobId);
      if (job === undefined) return;
      const forMs = Date.now() - (job.processedOn ?? 0);
      const lostBy =
        job.processedBy === undefined || forMs < lockMs ? undefined : { worker: job.processedBy, forMs };
      await processor.lost?.(parsePayload(name, job.data), { attempt: job.attemptsMade + 1, lostBy });
    } catch (error) {
      logger.warn({ jobId, err: toError(error) }, 'The loss of a job could not be recorded');
    }
  }

  return {
    /** BullMQ has found such a job and starts it again. */
    onLost: (jobId: string): void => {
      logger.warn({ jobId }, 'A job lost its worker and is started again');
      void queues.lost.count(name);
      if (processor.lost !== undefined) void record(jobId);
    },
    /**
     * Ends a job that lost one worker after the other, as it may be what kills them. What that means is recorded before
     * the job fails, so that a crash here leads to another try and not to a lost video.
     * @throws TransientError `worker_lost`
     */
    abandon: async (job: Job, context: JobContext): Promise<never> => {
      const error = new TransientError(
        'worker_lost',
        `The worker died ${String(job.stalledCounter)} times while it held this job.`,
      );
      await processor.abandon?.(parsePayload(name, job.data), error, context);
      throw error;
    },
  };
}
