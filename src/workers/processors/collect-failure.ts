import type { Config } from '../../config/config.ts';
import type { Database } from '../../database/database.ts';
import { runId } from '../../database/run-repository.ts';
import { attemptDelayMs } from '../../queues/backoff.ts';
import type { JobQueues } from '../../queues/job-queues.ts';
import type { CollectPayload } from '../../queues/payloads.ts';
import {
  SnoozeError,
  type AnyJobError,
  type LaterError,
  type ThrottledError,
} from '../../domain/job-errors.ts';
import type { JobContext } from '../processor.ts';

export interface CollectFailureDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
  readonly config: Pick<Config, 'collect' | 'retry'>;
}

/** When a source that asks for a pause is requested again if it does not say. */
const PAUSE_DEFAULT_MS = 15 * 60_000;
const PAUSE_MIN_MS = 1_000;
const PAUSE_MAX_MS = 24 * 3_600_000;

/**
 * Does what follows from a failed attempt at a run, before its job fails: the record is written first, then the next job is
 * added, so that a crash leads to another attempt and not to a lost run. The attempt itself is recorded already.
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
    case 'snooze':
    case 'operator':
    case 'permanent':
      return error;
    case 'later':
    case 'throttled':
      return await postpone(payload, error, dependencies);
    case 'transient':
      if (context.isLastAttempt) await endRound(payload, dependencies);
      // If the job is lost before its next attempt, reconcile finds the run by this time.
      else
        await recordNextRetry(
          payload,
          attemptDelayMs(context.attempt, dependencies.config.retry.attemptDelayMs),
          dependencies,
        );
      return error;
  }
}

/** The attempts of a round are spent: the run waits for its next round, unless it was the last. */
async function endRound(payload: CollectPayload, dependencies: CollectFailureDependencies): Promise<void> {
  const { rounds, delayMs } = dependencies.config.collect.retry;
  if (payload.round >= rounds) return;
  await recordNextRetry(payload, delayMs, dependencies);
  await dependencies.queues.add('retry', { stage: 'collect', ...payload }, { delayMs });
}

/** The source asks for a pause: the job itself waits, no round is spent, and no other run of the source begins. */
async function postpone(
  payload: CollectPayload,
  error: LaterError | ThrottledError,
  dependencies: CollectFailureDependencies,
): Promise<SnoozeError> {
  const delayMs = Math.min(Math.max(pauseMs(error), PAUSE_MIN_MS), PAUSE_MAX_MS);
  await recordNextRetry(payload, delayMs, dependencies);
  return new SnoozeError('postponed', error.message, { cause: error, delayMs });
}

function pauseMs(error: LaterError | ThrottledError): number {
  if (error.outcome === 'throttled') return error.restAtLeastMs ?? PAUSE_DEFAULT_MS;
  return error.availableAt === undefined ? PAUSE_DEFAULT_MS : error.availableAt.getTime() - Date.now();
}

async function recordNextRetry(
  { sourceId, scheduledFor }: CollectPayload,
  delayMs: number,
  { database }: CollectFailureDependencies,
): Promise<void> {
  const at = new Date(Date.now() + delayMs);
  await database.runs.recordNextRetry(runId(sourceId, new Date(scheduledFor)), at);
}
