import type { Stage } from '../../domain/video-status.ts';
import type { RetryConfig } from '../../config/config.ts';
import type { Database } from '../../database/database.ts';
import type { VideoDocument } from '../../database/documents.ts';
import type { FailurePlace } from '../../database/video-repository.ts';
import { retryDelayMs } from '../../queues/backoff.ts';
import type { JobQueues } from '../../queues/job-queues.ts';
import { PermanentError, type AnyJobError, type JobError, type LaterError } from '../../domain/job-errors.ts';
import type { VideoKey } from '../../domain/video-key.ts';
import type { JobResult } from '../../queues/catalogue.ts';
import type { JobContext } from '../processor.ts';

/** What dealing with a failure needs. */
export interface FailureDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
  readonly retry: RetryConfig;
}

/** A video that could not pass a stage. */
export interface StageFailure {
  readonly stage: Stage;
  readonly key: VideoKey;
  readonly video: VideoDocument;
}

/** In so many rounds a video may lose its workers; by chance that hardly happens twice. */
const MAX_LOST_ROUNDS = 3;
/** When a thing that is not there yet is tried if the site does not say. */
const LATER_DEFAULT_MS = 30 * 60_000;
const LATER_LEAST_MS = 60_000;
/** A broadcast announced for next month may be cancelled or moved: it is looked at once a day. */
const LATER_MOST_MS = 24 * 3_600_000;

/**
 * Writes down what a failed attempt means for the video, then throws the error on for the queue to act on; a
 * thing that comes later is no failure of the job, which then ends well.
 */
export async function finishFailedStage(
  failure: StageFailure,
  error: AnyJobError,
  record: () => Promise<void>,
  context: JobContext,
  dependencies: FailureDependencies,
): Promise<JobResult> {
  switch (error.outcome) {
    case 'interrupted':
    case 'operator':
      throw error;
    case 'throttled':
      await record();
      throw error;
    case 'permanent':
      await record();
      await dependencies.database.videos.markFailed(
        failure.key,
        failure.video.round,
        placeOf(failure, error),
        error,
      );
      throw error;
    case 'transient':
      await record();
      if (context.isLastAttempt) await spendRound(failure, error, dependencies);
      throw error;
    case 'later':
      await record();
      return await postpone(failure, error, dependencies);
  }
}

/**
 * The attempts of a round are spent: the video waits for its next round, or has failed when it was the last.
 * The wait is added before the job fails, so that a crash here leads to a second run and not to a lost video.
 */
async function spendRound(
  failure: StageFailure,
  error: JobError,
  dependencies: FailureDependencies,
): Promise<void> {
  const { key, video } = failure;
  const { database, retry } = dependencies;
  const roundsSpent = video.round - video.first_round;
  if (roundsSpent >= retry.rounds) {
    await database.videos.markFailed(key, video.round, placeOf(failure, error), error);
    return;
  }
  await addWait(failure, error, retryDelayMs(roundsSpent, retry), dependencies);
}

/**
 * A round is spent because its job lost one worker after the other. After a few such rounds the video itself is
 * taken for the cause and fails, so that it stops taking others' work down with it.
 */
export async function spendLostRound(
  failure: StageFailure,
  error: JobError,
  dependencies: FailureDependencies,
): Promise<void> {
  const { database } = dependencies;
  const { key, stage, video } = failure;
  const lostRounds = await database.attempts.countLostRounds(video._id, stage, video.first_round);
  if (lostRounds < MAX_LOST_ROUNDS) {
    await spendRound(failure, error, dependencies);
    return;
  }
  const poison = new PermanentError(
    'poison',
    `${error.message} So it was in ${String(lostRounds)} rounds, the last in the stage ${stage}.`,
    { cause: error },
  );
  await database.videos.markFailed(key, video.round, placeOf(failure, error), poison);
}

async function postpone(
  failure: StageFailure,
  error: LaterError,
  dependencies: FailureDependencies,
): Promise<JobResult> {
  const wantedMs =
    error.availableAt === undefined
      ? LATER_DEFAULT_MS
      : error.availableAt.getTime() - dependencies.queues.clock.nowMs();
  const delayMs = Math.min(Math.max(wantedMs, LATER_LEAST_MS), LATER_MOST_MS);
  const nextRetryAt = await addWait(failure, error, delayMs, dependencies);
  return { outcome: 'later', errorClass: error.errorClass, until: nextRetryAt.toISOString() };
}

/** The fact first, then its job; without the fact the video is another run's. @returns when it is tried again. */
async function addWait(
  failure: StageFailure,
  error: JobError,
  delayMs: number,
  { database, queues }: FailureDependencies,
): Promise<Date> {
  const { key, video } = failure;
  const place = placeOf(failure, error);
  const nextRetryAt = new Date(queues.clock.nowMs() + delayMs);
  const isOurs = await database.videos.markRetrying(key, video.round, place, error, nextRetryAt);
  if (isOurs) await queues.addRetry(place.resumeAt, key, video.round, delayMs);
  return nextRetryAt;
}

function placeOf({ stage }: StageFailure, error: JobError): FailurePlace {
  return { stage, resumeAt: error.errorClass === 'staged_file_missing' ? 'download' : stage };
}
