import { type Stage, type VideoStatus, STATUS_BEFORE } from '../../domain/video-status.ts';
import type { LogDocument, VideoDocument } from '../../database/documents.ts';
import type { StagePayload } from '../../queues/payloads.ts';
import { PermanentError, toJobError, TransientError, type JobError } from '../../domain/job-errors.ts';
import { videoDocumentId, type VideoKey } from '../../domain/video-key.ts';
import type { JobResult } from '../../queues/catalogue.ts';
import type { JobContext, Processor } from '../processor.ts';
import { finishFailedStage, spendLostRound, type FailureDependencies } from './stage-failure.ts';
import { withRecord } from './with-record.ts';

/** Finished work that is not yet written down. */
export interface FinishedWork {
  /** Writes the fact to the video, compared with its round. @returns false when another run was first. */
  readonly record: () => Promise<boolean>;
  readonly result: JobResult;
}

/** One stage of the way of a video. */
export interface StageDefinition {
  readonly stage: Stage;
  /** The stage after this one; undefined at the end of the way. */
  readonly next: Stage | undefined;
  /** Does the work; done twice it must end in the same object. @throws JobError */
  readonly work: (key: VideoKey, video: VideoDocument, context: JobContext) => Promise<FinishedWork>;
  /** Deletes what is no longer needed, after the next job is there. Safe to repeat. */
  readonly cleanUp?: (key: VideoKey) => Promise<void>;
  /** Deletes what the work made although another run was first, unless it is needed. Safe to repeat. */
  readonly discard?: (key: VideoKey) => Promise<void>;
}

const ORDER: readonly VideoStatus[] = ['discovered', 'downloaded', 'stored', 'mirrored'];

/**
 * Makes the processor of a stage. The order is that of docs/architecture.md: work, fact, next job, clean-up. A
 * crash between two of them is mended by running the job again: each step is skipped when it is done.
 */
export function createStageProcessor(
  definition: StageDefinition,
  dependencies: FailureDependencies,
): Processor<Stage> {
  const { stage, next } = definition;
  const { database, queues } = dependencies;

  async function process(payload: StagePayload, context: JobContext): Promise<JobResult> {
    const key: VideoKey = { provider: payload.provider, videoId: payload.videoId };
    const video = await database.videos.find(key);
    if (video === undefined) {
      throw new PermanentError('invalid_payload', `MongoDB knows no video ${videoDocumentId(key)}.`);
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
    const record = (error?: JobError) =>
      database.attempts.record(attemptRow(stage, video, context, performance.now() - startedAt, error));
    let finished: FinishedWork;
    try {
      finished = await definition.work(key, video, context);
    } catch (thrown) {
      const error = toJobError(thrown, context.signal);
      return await finishFailedStage(
        { stage, key, video },
        error,
        () => record(error),
        context,
        dependencies,
      );
    }
    await record();
    if (!(await finished.record())) {
      await definition.discard?.(key);
      return { outcome: 'superseded' };
    }
    if (next !== undefined) await queues.addStage(next, key, video.round);
    await definition.cleanUp?.(key);
    return finished.result;
  }

  /** An earlier run came this far and died: what follows the fact is done again. */
  async function repeatHandOver(key: VideoKey, video: VideoDocument): Promise<JobResult> {
    if (next !== undefined && video.status === STATUS_BEFORE[next])
      await queues.addStage(next, key, video.round);
    await definition.cleanUp?.(key);
    return { outcome: 'repeated', status: video.status };
  }

  async function abandon(payload: StagePayload, error: JobError, context: JobContext): Promise<void> {
    const key: VideoKey = { provider: payload.provider, videoId: payload.videoId };
    const video = await database.videos.find(key);
    if (video?.round !== payload.round) return;
    if (hasPassed(stage, video.status)) {
      await repeatHandOver(key, video);
      return;
    }
    // Each lost attempt has a row of its own; this one says what followed from them.
    const suspicion = new PermanentError('poison', error.message);
    await database.attempts.record(attemptRow(stage, video, context, 0, suspicion));
    await spendLostRound({ stage, key, video }, error, dependencies);
  }

  return {
    process: (payload, context) => withRecord(() => process(payload, context)),
    lost: async (payload, { attempt: number, lostBy }) => {
      const video = await database.videos.find({ provider: payload.provider, videoId: payload.videoId });
      // Past its stage or round, the attempt had come to its end.
      if (video?.round !== payload.round || hasPassed(stage, video.status)) return;
      const error = new TransientError('worker_lost', 'The worker died while it held this job.');
      const ran = { attempt: number, worker: lostBy?.worker ?? 'unknown' };
      await database.attempts.record(attemptRow(stage, video, ran, lostBy?.forMs ?? 0, error));
    },
    abandon: (payload, error, context) => withRecord(() => abandon(payload, error, context)),
  };
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
