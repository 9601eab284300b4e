import type { LogDocument } from '../../database/collections/log.ts';
import type { VideoDocument } from '../../database/collections/video.ts';
import { PermanentError, toJobError, TransientError, type JobError } from '../../domain/job-errors.ts';
import { videoDocumentId, type VideoKey } from '../../domain/video-key.ts';
import { STATUS_BEFORE, type Stage, type VideoStatus } from '../../domain/video-status.ts';
import type { JobResult } from '../../queues/catalogue.ts';
import type { StagePayload } from '../../queues/payloads.ts';
import type { JobContext, Processor } from '../processor.ts';
import { endLostRound, finishFailedStage, type StageDependencies } from './stage-failure.ts';
import { withRecord } from './with-record.ts';

/** Finished work that is not recorded yet. */
export interface FinishedWork {
  /**
   * Writes the new status of the video, if its round is still the same.
   * @param patienceMs that of the stage
   * @returns false when another run was first.
   */
  readonly record: (patienceMs: number) => Promise<boolean>;
  readonly result: JobResult;
}

export interface StageDefinition {
  readonly stage: Stage;
  /** The stage after this one; undefined for the last. */
  readonly next: Stage | undefined;
  /**
   * How long the record of a video may wait for those of other jobs, to be read or written with them in one request; not at all
   * when left out.
   */
  readonly patienceMs?: number;
  /** Does the work; done twice it must end in the same object. @throws JobError */
  readonly work: (key: VideoKey, video: VideoDocument, context: JobContext) => Promise<FinishedWork>;
  /** Deletes what is no longer needed, after the next job was added. Safe to repeat. */
  readonly cleanUp?: (key: VideoKey) => Promise<void>;
  /** Deletes what the work made although another run was first, unless it is needed. Safe to repeat. */
  readonly discard?: (key: VideoKey, context: JobContext) => Promise<void>;
}

/** Of jobs that nobody waits for and many of which run at once. */
export const PATIENCE_MS = 40;

const ORDER: readonly VideoStatus[] = ['discovered', 'downloaded', 'stored', 'mirrored'];

/**
 * Makes the processor of a stage. The order is that of docs/architecture.md: work, record, next job, clean-up. A crash
 * between two of them is repaired by running the job again: each step is skipped when it is done.
 */
export function createStageProcessor(
  definition: StageDefinition,
  dependencies: StageDependencies,
): Processor<'download' | 'upload'> {
  const { stage, next, patienceMs = 0 } = definition;
  const { database, queues } = dependencies;

  async function process(payload: StagePayload, context: JobContext): Promise<JobResult> {
    const key = keyOf(payload);
    const video = await database.videos.find(key, patienceMs);
    if (video === undefined) {
      throw new PermanentError('invalid_payload', `MongoDB has no video ${videoDocumentId(key)}.`);
    }
    if (video.round !== payload.round) return { outcome: 'superseded', round: video.round };
    if (hasPassed(stage, video.status)) return await repeatHandOver(key, video);
    if (video.status !== STATUS_BEFORE[stage] && video.status !== 'retrying') {
      return { outcome: 'superseded', status: video.status };
    }
    return await attempt(key, video, context);
  }

  async function attempt(key: VideoKey, video: VideoDocument, context: JobContext): Promise<JobResult> {
    const startedAt = performance.now();
    const recordAttempt = (error?: JobError) =>
      database.attempts.record(
        attemptRow(stage, video, context, performance.now() - startedAt, error),
        error === undefined ? patienceMs : 0,
      );
    let finished: FinishedWork;
    try {
      finished = await definition.work(key, video, context);
    } catch (thrown) {
      const error = await context.attribute(toJobError(thrown, context.signal));
      const failure = { stage, key, video };
      return await finishFailedStage(failure, error, () => recordAttempt(error), context, dependencies);
    }
    await recordAttempt();
    if (!(await finished.record(patienceMs))) {
      await definition.discard?.(key, context);
      return { outcome: 'superseded' };
    }
    if (next !== undefined) await queues.add(next, { ...key, round: video.round });
    await definition.cleanUp?.(key);
    return finished.result;
  }

  /** An earlier run recorded its work and died: the steps that follow are done again. */
  async function repeatHandOver(key: VideoKey, video: VideoDocument): Promise<JobResult> {
    if (next !== undefined && video.status === STATUS_BEFORE[next]) {
      await queues.add(next, { ...key, round: video.round });
    }
    await definition.cleanUp?.(key);
    return { outcome: 'repeated', status: video.status };
  }

  async function abandon(payload: StagePayload, error: JobError, context: JobContext): Promise<void> {
    const key = keyOf(payload);
    const video = await database.videos.find(key);
    if (video?.round !== payload.round) return;
    if (hasPassed(stage, video.status)) {
      await repeatHandOver(key, video);
      return;
    }
    // Each lost attempt has a row of its own; this one says what followed from them.
    const poison = new PermanentError('poison', error.message);
    await database.attempts.record(attemptRow(stage, video, context, 0, poison));
    await endLostRound({ stage, key, video }, error, dependencies);
  }

  return {
    process: (payload, context) => withRecord(() => process(payload, context)),
    lost: async (payload, { attempt: number, lostBy }) => {
      const video = await database.videos.find(keyOf(payload));
      // Past its stage or round, the attempt had ended.
      if (video?.round !== payload.round || hasPassed(stage, video.status)) return;
      const error = new TransientError('worker_lost', 'The worker died while it held this job.');
      const lost = { attempt: number, worker: lostBy?.worker ?? 'unknown' };
      await database.attempts.record(attemptRow(stage, video, lost, lostBy?.forMs ?? 0, error));
    },
    abandon: (payload, error, context) => withRecord(() => abandon(payload, error, context)),
  };
}

function keyOf({ provider, videoId }: StagePayload): VideoKey {
  return { provider, videoId };
}

function hasPassed(stage: Stage, status: VideoStatus): boolean {
  return ORDER.indexOf(status) > ORDER.indexOf(STATUS_BEFORE[stage]);
}

function attemptRow(
  stage: Stage,
  video: VideoDocument,
  context: Pick<JobContext, 'attempt' | 'worker'>,
  durationMs: number,
  error: JobError | undefined,
): LogDocument {
  return {
    video_id: video._id,
    url: video.url,
    title: video.title ?? null,
    status: error === undefined ? 'success' : 'failed',
    timestamp: new Date(),
    retry_attempts: video.retry_attempts,
    last_retry: video.last_retry ?? null,
    error: error?.message ?? null,
    error_class: error?.errorClass ?? null,
    stage,
    round: video.round,
    attempt: context.attempt,
    duration_ms: Math.round(durationMs),
    worker: context.worker,
  };
}
