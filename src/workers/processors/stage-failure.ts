import type { VideoDocument } from '../../database/collections/video.ts';
import type { RetryConfig } from '../../config/config.ts';
import type { Database } from '../../database/database.ts';
import type { FailurePlace } from '../../database/video-repository.ts';
import { PermanentError, type AnyJobError, type JobError, type LaterError } from '../../domain/job-errors.ts';
import type { VideoKey } from '../../domain/video-key.ts';
import type { Stage } from '../../domain/video-status.ts';
import { retryDelayMs } from '../../queues/backoff.ts';
import type { JobResult } from '../../queues/catalogue.ts';
import type { JobQueues } from '../../queues/job-queues.ts';
import type { JobContext } from '../processor.ts';
import { formatMoment } from '../../text/units.ts';
import { laterDelayMs } from './later-delay.ts';

export interface StageDependencies {
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

/** What a video is that may become available by itself. */
const UNAVAILABLE_CLASSES = ['premiere', 'live', 'recording_pending'] as const;
/** A video may lose its workers in so many rounds; by chance that hardly happens twice. */
const MAX_LOST_ROUNDS = 3;

/**
 * Records what a failed attempt means for the video, then throws the error for the queue to act on. A video that is
 * not available yet is no failure of the job, which then ends well.
 */
export async function finishFailedStage(
  failure: StageFailure,
  error: AnyJobError,
  recordAttempt: () => Promise<void>,
  context: JobContext,
  dependencies: StageDependencies,
): Promise<JobResult> {
  switch (error.outcome) {
    case 'interrupted':
    case 'snooze':
    case 'operator':
      throw error;
    case 'throttled':
      await recordAttempt();
      throw error;
    case 'permanent':
      await recordAttempt();
      await markFailed(failure, error, error, dependencies);
      throw error;
    case 'transient':
      await recordAttempt();
      if (context.isLastAttempt) await endRound(failure, error, dependencies);
      throw error;
    case 'later':
      await recordAttempt();
      return await retryLater(failure, error, dependencies);
  }
}

/**
 * The attempts of a round are spent: the video waits for its next round, or has failed when it was the last. The retry
 * is added before the job fails, so that a crash here leads to a second run and not to a lost video.
 */
async function endRound(
  failure: StageFailure,
  error: JobError,
  dependencies: StageDependencies,
): Promise<void> {
  const { video } = failure;
  const { retry } = dependencies;
  const roundsSpent = video.round - video.first_round;
  if (roundsSpent >= retry.rounds) await markFailed(failure, error, error, dependencies);
  else await addRetry(failure, error, retryDelayMs(roundsSpent, retry), dependencies);
}

/**
 * Ends a round whose job lost one worker after the other. After a few such rounds the video itself counts as the cause
 * and fails, so that it does not take other jobs down with it.
 */
export async function endLostRound(
  failure: StageFailure,
  error: JobError,
  dependencies: StageDependencies,
): Promise<void> {
  const { stage, video } = failure;
  const { attempts } = dependencies.database;
  const lostRounds = await attempts.countLostRounds(video._id, stage, video.first_round);
  if (lostRounds < MAX_LOST_ROUNDS) {
    await endRound(failure, error, dependencies);
    return;
  }
  const message = `${error.message} It failed in ${String(lostRounds)} rounds, last in ${stage}.`;
  const poison = new PermanentError('poison', message, { cause: error });
  await markFailed(failure, error, poison, dependencies);
}

async function retryLater(
  failure: StageFailure,
  error: LaterError,
  dependencies: StageDependencies,
): Promise<JobResult> {
  await failIfNeverAvailable(failure, error, dependencies);
  const delayMs = laterDelayMs(error, failure.video.retry_attempts, dependencies.queues.clock.nowMs());
  const nextRetryAt = await addRetry(failure, error, delayMs, dependencies);
  return { outcome: 'later', errorClass: error.errorClass, until: nextRetryAt.toISOString() };
}

/**
 * Fails a video that has been unavailable for too long: a broadcast that never ends, a recording that never appears.
 * A premiere waits until its announced time, however far away that is.
 * @throws PermanentError `never_available`
 */
async function failIfNeverAvailable(
  failure: StageFailure,
  error: LaterError,
  dependencies: StageDependencies,
): Promise<void> {
  const { database, queues, retry } = dependencies;
  const nowMs = queues.clock.nowMs();
  if (error.errorClass === 'premiere' && (error.availableAt?.getTime() ?? 0) > nowMs) return;
  const began = await database.attempts.seriesBegan(failure.video._id, UNAVAILABLE_CLASSES);
  if (began === undefined || nowMs - began.getTime() <= retry.unavailableMaxMs) return;
  const message = `${error.message} So it has been since ${formatMoment(began)}.`;
  const final = new PermanentError('never_available', message, { cause: error });
  await markFailed(failure, error, final, dependencies);
  throw final;
}

/** The record first, then its job; without the record the video belongs to another run. @returns when it is retried. */
async function addRetry(
  failure: StageFailure,
  error: JobError,
  delayMs: number,
  { database, queues }: StageDependencies,
): Promise<Date> {
  const { key, video } = failure;
  const place = placeOf(failure, error);
  const nextRetryAt = new Date(queues.clock.nowMs() + delayMs);
  const isOurs = await database.videos.markRetrying(key, video.round, place, error, nextRetryAt);
  if (isOurs) await queues.add('retry', { stage: place.resumeAt, ...key, round: video.round }, { delayMs });
  return nextRetryAt;
}

/** @param met the error that the attempt met; it decides where a later retry begins. */
async function markFailed(
  failure: StageFailure,
  met: JobError,
  recorded: JobError,
  { database }: StageDependencies,
): Promise<void> {
  await database.videos.markFailed(failure.key, failure.video.round, placeOf(failure, met), recorded);
}

function placeOf({ stage }: StageFailure, error: JobError): FailurePlace {
  return { stage, resumeAt: error.errorClass === 'staged_file_missing' ? 'download' : stage };
}
