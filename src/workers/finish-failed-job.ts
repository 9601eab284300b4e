import { DelayedError, UnrecoverableError, WaitingError, type Job } from 'bullmq';
import type { QueueName } from '../queues/catalogue.ts';
import { ClockError, type RedisClock } from '../queues/redis-clock.ts';
import type { AnyJobError } from '../domain/job-errors.ts';
import { EgressRestError } from '../egress/egress-rest-error.ts';
import type { Egress } from '../egress/egress.ts';
import { HeldBackError } from '../staging/held-back-error.ts';
import type { Intake } from './intake.ts';
import { PostponedError } from './postponed-error.ts';
import type { JobContext } from './processor.ts';
import { IsolationError } from './suspect-isolation.ts';

/** What follows from the error of a job beside the job itself. */
export interface FinishFailedJobDependencies {
  readonly name: QueueName;
  readonly intake: Intake;
  readonly egress: Egress;
  readonly clock: RedisClock;
}

/**
 * Settles a job that did not succeed: puts it where its error says, and closes the intake if need be.
 * @returns what must be thrown, by which BullMQ knows what has become of the job.
 */
export type FinishFailedJob = (
  job: Job,
  token: string | undefined,
  error: AnyJobError,
  context: JobContext,
  durationMs: number,
) => Promise<Error>;

/** The one place that tells BullMQ what an outcome of the design means. */
export function createFinishFailedJob({
  name,
  intake,
  egress,
  clock,
}: FinishFailedJobDependencies): FinishFailedJob {
  /** Puts a job back to the head of its queue, uncounted. No other is taken until a way out may be used again. */
  async function rest(job: Job, token: string | undefined, restMs: number): Promise<Error> {
    if (restMs > 0) await intake.rest((signal) => egress.untilTurn(restMs, signal));
    await job.moveToWait(token);
    return new WaitingError('The job waits for its turn.');
  }

  return async (job, token, error, context, durationMs) => {
    const fields = { errorClass: error.errorClass, outcome: error.outcome, durationMs };
    switch (error.outcome) {
      case 'interrupted':
        if (error instanceof EgressRestError) {
          context.logger.debug({ restMs: error.restMs }, `${name} waits for its turn`);
          return await rest(job, token, error.restMs);
        }
        if (error instanceof IsolationError) {
          context.logger.warn(fields, error.message);
          await job.moveToDelayed(clock.nowMs() + error.retryAfterMs, token);
          return new DelayedError(error.message);
        }
        if (error instanceof PostponedError) {
          context.logger.info({ ...fields, delayMs: error.delayMs }, `${name} postponed: ${error.message}`);
          await job.moveToDelayed(clock.nowMs() + error.delayMs, token);
          return new DelayedError(error.message);
        }
        await job.moveToWait(token);
        if (error instanceof HeldBackError) {
          await intake.hold(error);
          return new WaitingError(error.message);
        }
        context.logger[intake.isClosed ? 'debug' : 'info'](fields, `${name} interrupted, back to waiting`);
        return new WaitingError(error.message);
      case 'throttled': {
        const restMs = await egress.restAfter(error);
        // That the circuit opened is said once, where it did; the attempt is on record.
        context.logger.debug({ ...fields, restMs }, `${name} throttled: ${error.message}`);
        return await rest(job, token, restMs);
      }
      case 'operator': {
        const probeAfterMs = await intake.close(error);
        if (error instanceof ClockError) {
          // BullMQ would put it off by the same wrong clock; a worker with a right one may do it now.
          await job.moveToWait(token);
          return new WaitingError(error.message);
        }
        await job.moveToDelayed(clock.nowMs() + probeAfterMs, token);
        return new DelayedError(error.message);
      }
      case 'permanent':
        context.logger.warn({ ...fields, advice: error.advice }, `${name} failed for good: ${error.message}`);
        return withCause(new UnrecoverableError(error.message), error);
      case 'transient':
      case 'later':
        context.logger.warn(fields, `${name} failed: ${error.message}`);
        return error.errorClass === 'worker_lost'
          ? withCause(new UnrecoverableError(error.message), error)
          : error;
    }
  };
}

function withCause<E extends Error>(error: E, cause: Error): E {
  error.cause = cause;
  return error;
}
