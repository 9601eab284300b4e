import { DelayedError, UnrecoverableError, WaitingError, type Job } from 'bullmq';
import type { JobError, SnoozeError } from '../domain/job-errors.ts';
import type { QueueName } from '../domain/queues.ts';
import type { Egress } from '../egress/egress.ts';
import { ClockError, type RedisClock } from '../queues/redis-clock.ts';
import type { AttributedFailure } from './attribute-failure.ts';
import type { Intake } from './intake.ts';
import type { JobContext } from './processor.ts';

/** What follows from a failed job beside the job itself. */
export interface FinishFailedJobDependencies {
  readonly name: QueueName;
  readonly intake: Intake;
  readonly egress: Egress;
  readonly clock: RedisClock;
}

/**
 * Puts a job that did not succeed where its error says, and pauses the intake if need be.
 * @returns what must be thrown, by which BullMQ knows what has become of the job.
 */
export type FinishFailedJob = (
  job: Job,
  token: string | undefined,
  failure: AttributedFailure & { readonly item: string },
  context: JobContext,
  durationMs: number,
) => Promise<Error>;

/** The one place that tells BullMQ what each outcome of the design means. */
export function createFinishFailedJob(dependencies: FinishFailedJobDependencies): FinishFailedJob {
  const { name, intake, egress, clock } = dependencies;

  async function putBack(job: Job, token: string | undefined, { message }: Error): Promise<Error> {
    await job.moveToWait(token);
    return new WaitingError(message);
  }

  async function delay(
    job: Job,
    token: string | undefined,
    { message }: Error,
    forMs: number,
  ): Promise<Error> {
    await job.moveToDelayed(clock.nowMs() + forMs, token);
    return new DelayedError(message);
  }

  async function snooze(job: Job, token: string | undefined, error: SnoozeError): Promise<Error> {
    const { waitUntilReady, delayMs } = error;
    if (waitUntilReady === undefined) return await delay(job, token, error, delayMs);
    if (delayMs > 0) await intake.pauseForSnooze(error, waitUntilReady);
    return await putBack(job, token, error);
  }

  return async (job, token, { error, delayMs, item }, context, durationMs) => {
    const { logger } = context;
    const fields = { errorClass: error.errorClass, outcome: error.outcome, durationMs };
    switch (error.outcome) {
      case 'interrupted':
        logger[intake.isPaused ? 'debug' : 'info'](fields, `${name} interrupted, back to waiting`);
        return await putBack(job, token, error);
      case 'snooze':
        // A pause of the whole queue is logged once, by the intake or the egress address.
        logger[error.waitUntilReady === undefined ? 'info' : 'debug'](
          { ...fields, delayMs: error.delayMs },
          `${name} snoozed: ${error.message}`,
        );
        return await snooze(job, token, error);
      case 'throttled': {
        // The address that rests is logged once, by egress; the attempt is on record.
        logger.debug({ ...fields, delayMs }, `${name} throttled: ${error.message}`);
        const rest = await egress.restOfAll();
        if (rest?.waitUntilReady !== undefined) await intake.pauseForSnooze(rest, rest.waitUntilReady);
        return await delay(job, token, error, delayMs);
      }
      case 'operator': {
        await intake.pauseForFault(error, item);
        // BullMQ would delay it by the same wrong clock; a worker with a right one may do it now.
        if (error instanceof ClockError) return await putBack(job, token, error);
        return await delay(job, token, error, delayMs);
      }
      case 'permanent':
        logger.warn({ ...fields, advice: error.advice }, `${name} failed for good: ${error.message}`);
        return explained(unrecoverable(error), error, error.adviceWhenFailed);
      case 'transient':
      case 'later':
        // The stack of what nobody expected is only here.
        logger.warn(
          error.errorClass === 'unknown' ? { ...fields, err: error } : fields,
          `${name} failed: ${error.message}`,
        );
        return explained(
          error.errorClass === 'worker_lost' ? unrecoverable(error) : error,
          error,
          error.advice,
        );
    }
  };
}

/** The error whose stack BullMQ keeps with the job, where people read it in Bull Board: the text and the advice instead. */
function explained(thrown: Error, { errorClass, message }: JobError, advice: string): Error {
  thrown.stack = `${errorClass}: ${message}\n${advice}`;
  return thrown;
}

function unrecoverable(cause: Error): Error {
  return Object.assign(new UnrecoverableError(cause.message), { cause });
}
