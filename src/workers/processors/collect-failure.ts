import type { Config } from '../../config/config.ts';
import type { Database } from '../../database/database.ts';
import { runId } from '../../database/run-repository.ts';
import { attemptDelayMs } from '../../queues/backoff.ts';
import type { JobQueues } from '../../queues/job-queues.ts';
import type { CollectPayload } from '../../queues/payloads.ts';
import type { AnyJobError, LaterError, ThrottledError } from '../../domain/job-errors.ts';
import type { JobContext } from '../processor.ts';
import { PostponedError } from '../postponed-error.ts';

/** What dealing with a failed attempt needs. */
export interface CollectFailureDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
  readonly config: Pick<Config, 'collect' | 'retry'>;
}

/** When a source that asks for a pause is asked again if it does not say. */
const PAUSE_DEFAULT_MS = 15 * 60_000;
const PAUSE_LEAST_MS = 1_000;
const PAUSE_MOST_MS = 24 * 3_600_000;

/**
 * Does what a failed attempt at a run asks for, before its job fails: the fact is written first, then its job is
 * added, so that a crash leads to another attempt and not to a lost run. The record of the attempt is there already.
 * @returns the error for the queue to act on.
 */
export async function finishFailedCollect(
  payload: CollectPayload,
  error: AnyJobError,
  context: Pick<JobContext, 'attempt' | 'isLastAttempt'>,
  dependencies: CollectFailureDependencies,
): Promise<Error> {
  switch (error.outcome) {
    case 'interrupted':
    case 'operator':
    case 'permanent':
      return error;
    case 'later':
    case 'throttled':
      return await postpone(payload, error, dependencies);
    case 'transient':
      if (context.isLastAttempt) await spendRound(payload, dependencies);
      // Were the job lost before its next attempt, the run could be found by this.
      else
        await noteNextTry(payload, attemptDelayMs(context.attempt, retryBaseMs(dependencies)), dependencies);
      return error;
  }
}

/** The attempts of a round are spent: the run waits for its next round, unless it was the last. */
async function spendRound(payload: CollectPayload, dependencies: CollectFailureDependencies): Promise<void> {
  const { rounds, delayMs } = dependencies.config.collect.retry;
  if (payload.round >= rounds) return;
  await noteNextTry(payload, delayMs, dependencies);
  await dependencies.queues.addCollectRetry(payload, delayMs);
}

/** The source asks for a pause: the job itself waits, no round is spent, and no other run of the source begins. */
async function postpone(
  payload: CollectPayload,
  error: LaterError | ThrottledError,
  dependencies: CollectFailureDependencies,
): Promise<PostponedError> {
  const delayMs = Math.min(Math.max(pauseMs(error), PAUSE_LEAST_MS), PAUSE_MOST_MS);
  await noteNextTry(payload, delayMs, dependencies);
  return new PostponedError(error.message, delayMs, { cause: error });
}

function pauseMs(error: LaterError | ThrottledError): number {
  if (error.outcome === 'throttled') return error.restAtLeastMs ?? PAUSE_DEFAULT_MS;
  return error.availableAt === undefined ? PAUSE_DEFAULT_MS : error.availableAt.getTime() - Date.now();
}

async function noteNextTry(
  { sourceId, scheduledFor }: CollectPayload,
  delayMs: number,
  { database }: CollectFailureDependencies,
): Promise<void> {
  const at = new Date(Date.now() + delayMs);
  await database.runs.recordNextRetry(runId(sourceId, new Date(scheduledFor)), at);
}

function retryBaseMs({ config }: CollectFailureDependencies): number {
  return config.retry.attemptDelayMs;
}
