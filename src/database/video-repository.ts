import {
  PERSON_SKIP_REASONS,
  SKIP_REASONS,
  STATUS_BEFORE,
  type Stage,
  type VideoStatus,
} from '../domain/video-status.ts';
import type { UpdateQuery } from 'mongoose';
import { definedFields } from '../domain/defined-fields.ts';
import type { JobError } from '../domain/job-errors.ts';
import type { VideoMetadata } from '../domain/video-metadata.ts';
import { videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import { BatchedCalls } from '../runtime/batched-calls.ts';
import { failureFields } from './collections/failure.ts';
import type { VideoAudio, VideoDocument, VideoMirror } from './collections/video.ts';
import {
  insertMissing,
  metadataFields,
  refreshKnown,
  type DiscoveredVideo,
  type KnownVideo,
} from './discovered-video.ts';
import { Repository } from './repository.ts';
import { VideoChanges, type VideoChange } from './video-changes.ts';
import { nextRound, type VideoState } from './video-rounds.ts';

/** The stage that failed, and the stage at which the next round begins: after a lost file these differ. */
export interface FailurePlace {
  readonly stage: Stage;
  readonly resumeAt: Stage;
}

/** Skipped by a filter, not by a person: a later pass with other filters may accept the video. */
const FILTER_REASONS = SKIP_REASONS.filter((reason) => !PERSON_SKIP_REASONS.includes(reason));

/**
 * The videos and their way through the stages. Each change is one atomic update of one document that applies only while
 * the video has the round (and status) that the caller saw: a second run of the same job, or a job of an older round,
 * changes nothing. All are safe to repeat.
 */
export class VideoRepository extends Repository<VideoDocument> {
  /** What jobs look up at nearly the same time is one request. */
  readonly #finds = new BatchedCalls<string, VideoDocument | undefined>(async (ids) => {
    const found = await this.model.find({ _id: { $in: ids } }).lean<VideoDocument[]>();
    const byId = new Map(found.map((video) => [video._id, video]));
    return ids.map((id) => byId.get(id));
  });
  readonly #changes = new VideoChanges(this.model);

  /** @param patienceMs how long it may wait for what other jobs look up */
  async find(key: VideoKey, patienceMs?: number): Promise<VideoDocument | undefined> {
    return await this.#finds.call(videoDocumentId(key), patienceMs);
  }

  /** The states of these videos; unknown videos are left out. */
  async states(keys: readonly VideoKey[]): Promise<VideoState[]> {
    const documents = await this.model
      .find({ _id: { $in: keys.map(videoDocumentId) } }, { provider: 1, video_id: 1, status: 1, round: 1 })
      .lean<Pick<VideoDocument, '_id' | 'provider' | 'video_id' | 'status' | 'round'>[]>();
    return documents.map(({ provider, video_id: videoId, status, round }) => ({
      key: { provider, videoId },
      status,
      round,
    }));
  }

  /**
   * Adds the videos that are new, and corrects the titles of the others. A video that a filter had skipped and that this listing accepts becomes `discovered`.
   * @returns the states of the whole batch, known videos included; `isNew` where this listing was the first to find one.
   */
  async discover(batch: readonly DiscoveredVideo[]): Promise<(VideoState & { readonly isNew: boolean })[]> {
    if (batch.length === 0) return [];
    const now = new Date();
    const keys = batch.map(({ key }) => key);
    const found = await this.model
      .find({ _id: { $in: keys.map(videoDocumentId) } }, { title: 1 })
      .lean<KnownVideo[]>();
    const known = new Set(found.map(({ _id }) => _id));
    const isKnown = ({ key }: { readonly key: VideoKey }) => known.has(videoDocumentId(key));
    await insertMissing(
      this.model,
      batch.filter((video) => !isKnown(video)),
      now,
    );
    await refreshKnown(this.model, batch, found);
    const accepted = batch.filter(({ skipReason }) => skipReason === undefined);
    for (const [takenInBy, videos] of Map.groupBy(accepted, (video) => video.takenInBy)) {
      await this.model.updateMany(
        {
          _id: { $in: videos.map(({ key }) => videoDocumentId(key)) },
          status: 'skipped',
          skip_reason: { $in: FILTER_REASONS },
        },
        {
          $set: { status: 'discovered', updated_at: now, ...definedFields({ taken_in_by: takenInBy }) },
          $unset: { skip_reason: 1 },
        },
      );
    }
    return (await this.states(keys)).map((state) => ({ ...state, isNew: !isKnown(state) }));
  }

  /** @returns false when another run was first: the video is not in that round and stage any more. */
  async markDownloaded(
    key: VideoKey,
    round: number,
    audio: VideoAudio,
    metadata: VideoMetadata,
  ): Promise<boolean> {
    return await this.#change(
      key,
      round,
      ['discovered', 'retrying'],
      advanceTo({ status: 'downloaded', audio, ...metadataFields(metadata) }),
    );
  }

  /** @returns false when another run was first. */
  async markStored(key: VideoKey, round: number, audio: VideoAudio, patienceMs?: number): Promise<boolean> {
    const update = advanceTo({ status: 'stored', audio, stored_at: new Date() });
    return await this.#change(key, round, ['downloaded', 'retrying'], update, patienceMs);
  }

  /** @returns false when another run was first. */
  async markMirrored(
    key: VideoKey,
    round: number,
    mirror: VideoMirror,
    patienceMs?: number,
  ): Promise<boolean> {
    const update = advanceTo({ status: 'mirrored', mirror });
    return await this.#change(key, round, ['stored', 'retrying'], update, patienceMs);
  }

  /**
   * The `sync` command copied or verified these objects, whatever rounds the videos are in. One request for all.
   * @returns how many of the videos are mirrored now; the others are unknown, deleted or not stored yet.
   */
  async confirmMirrored(
    batch: readonly { readonly key: VideoKey; readonly mirror: VideoMirror }[],
  ): Promise<number> {
    const operations = batch.map(({ key, mirror }) => ({
      updateOne: {
        filter: {
          _id: videoDocumentId(key),
          $or: [
            { status: { $in: ['stored', 'mirrored'] as const } },
            { status: { $in: ['retrying', 'failed'] as const }, 'error.stage': 'sync' as const },
          ],
        },
        update: advanceTo({ status: 'mirrored', mirror }),
      },
    }));
    if (operations.length === 0) return 0;
    const result = await this.model.bulkWrite(operations, { ordered: false });
    return result.matchedCount;
  }

  /**
   * The attempts of a round are spent: the video waits for its next round.
   * @returns false when the video is not in that round and stage any more.
   */
  async markRetrying(
    key: VideoKey,
    round: number,
    place: FailurePlace,
    error: JobError,
    nextRetryAt: Date,
  ): Promise<boolean> {
    return await this.#change(key, round, [STATUS_BEFORE[place.stage], 'retrying'], {
      $set: { ...failureUpdate(place, error, 'open'), status: 'retrying', next_retry_at: nextRetryAt },
    });
  }

  /**
   * The video has failed for good: the failure is permanent, or all rounds are spent. A retry by a person begins at
   * `place.resumeAt`.
   * @returns false when the video is not in that round and stage any more.
   */
  async markFailed(key: VideoKey, round: number, place: FailurePlace, error: JobError): Promise<boolean> {
    return await this.#change(key, round, [STATUS_BEFORE[place.stage], 'retrying', 'failed'], {
      $set: { ...failureUpdate(place, error, 'failed'), status: 'failed' },
      $unset: { next_retry_at: 1 },
    });
  }

  /**
   * Starts the next round of a video that waits in the retry queue. Of several claims for one round one wins.
   * @param options.countsAsRound false for a video that only was not available yet: none of its rounds is used up.
   * @returns whether this call won.
   */
  async claimRetry(
    key: VideoKey,
    round: number,
    stage: Stage,
    options: { readonly countsAsRound: boolean },
  ): Promise<boolean> {
    const update = nextRound(STATUS_BEFORE[stage], round);
    const $inc = options.countsAsRound ? update.$inc : { ...update.$inc, first_round: 1 };
    return await this.#change(key, round, ['retrying'], { ...update, $inc });
  }

  async #change(
    key: VideoKey,
    round: number,
    from: readonly VideoStatus[],
    update: VideoChange['update'],
    patienceMs?: number,
  ): Promise<boolean> {
    const filter = { _id: videoDocumentId(key), round, status: { $in: from } };
    return await this.#changes.apply({ filter, update }, patienceMs);
  }
}

/** The update of a stage that succeeded. */
function advanceTo(fields: UpdateQuery<VideoDocument> & { readonly status: VideoStatus }) {
  return { $set: { ...fields, updated_at: new Date() }, $unset: { error: 1, next_retry_at: 1 } };
}

function failureUpdate(place: FailurePlace, error: JobError, state: 'open' | 'failed') {
  const now = new Date();
  return { error: { ...failureFields(error, now, state), stage: place.resumeAt }, updated_at: now };
}
