import { STATUS_BEFORE, type SkipReason, type Stage, type VideoStatus } from '../domain/video-status.ts';
import type { Model, UpdateQuery } from 'mongoose';
import type { JobError } from '../domain/job-errors.ts';
import type { VideoMetadata } from '../domain/video-metadata.ts';
import { videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import { learnedFields, newVideo, type DiscoveredVideo } from './discovered-video.ts';
import type { VideoAudio, VideoDocument, VideoMirror } from './documents.ts';
import { isDuplicateKey } from './duplicate-key.ts';

/** A video's identity and place on its way. */
export interface VideoState {
  readonly key: VideoKey;
  readonly status: VideoStatus;
  readonly round: number;
}

/** A video's state after a listing found it. */
export interface DiscoveredState extends VideoState {
  /** Whether this listing was the first to find it. */
  readonly isNew: boolean;
}

/** What `reopen` opens again. */
const REOPENED: readonly VideoStatus[] = ['failed', 'skipped', 'stored', 'mirrored'];

/** Where a video failed and where its next round begins: a lost file sends an upload back to its download. */
export interface FailurePlace {
  readonly stage: Stage;
  readonly resumeAt: Stage;
}

const MAX_MESSAGE_LENGTH = 2_000;
/** Left out by what a filter said, so a later pass with other filters may take it in again. */
const FILTER_REASONS: readonly SkipReason[] = [
  'too_short',
  'too_long',
  'title_not_included',
  'title_excluded',
  'too_old',
  'was_live',
  'short',
  'beyond_newest',
  'unavailable',
];

/**
 * The state of every video. Each change is one atomic update of one document, found by `_id` and compared with
 * the round (and status) that the caller saw, so that a second run of the same job, or a job of an older round,
 * changes nothing. All are safe to repeat.
 */
export class VideoRepository {
  readonly #videos: Model<VideoDocument>;

  constructor(videos: Model<VideoDocument>) {
    this.#videos = videos;
  }

  async find(key: VideoKey): Promise<VideoDocument | undefined> {
    return (await this.#videos.findById(videoDocumentId(key)).lean<VideoDocument>()) ?? undefined;
  }

  /**
   * Adds the videos that are new and tells where each of the batch stands now, the known ones too. A video that a
   * filter had left out and that this listing takes in becomes `discovered`.
   */
  async discover(batch: readonly DiscoveredVideo[]): Promise<DiscoveredState[]> {
    if (batch.length === 0) return [];
    const now = new Date();
    const known = new Set((await this.states(batch.map((video) => video.key))).map(idOfState));
    await insertMissing(
      this.#videos,
      batch.filter((video) => !known.has(videoDocumentId(video.key))).map((video) => newVideo(video, now)),
    );
    await this.#refreshAddresses(batch.filter((video) => known.has(videoDocumentId(video.key))));
    const accepted = batch
      .filter((video) => video.skipReason === undefined)
      .map((video) => videoDocumentId(video.key));
    await this.#videos.updateMany(
      { _id: { $in: accepted }, status: 'skipped', skip_reason: { $in: FILTER_REASONS } },
      { $set: { status: 'discovered', updated_at: now }, $unset: { skip_reason: 1 } },
    );
    const states = await this.states(batch.map((video) => video.key));
    return states.map((state) => ({ ...state, isNew: !known.has(idOfState(state)) }));
  }

  /** Addresses of episodes carry tokens that expire: what is still to be fetched is fetched from the latest one. */
  async #refreshAddresses(known: readonly DiscoveredVideo[]): Promise<void> {
    const episodes = known.filter(({ key }) => key.provider === 'http');
    if (episodes.length === 0) return;
    await this.#videos.bulkWrite(
      episodes.map(({ key, url }) => ({
        updateOne: {
          filter: {
            _id: videoDocumentId(key),
            status: { $in: ['discovered', 'retrying', 'failed'] },
            url: { $ne: url },
          },
          update: { $set: { url } },
        },
      })),
      { ordered: false },
    );
  }

  /**
   * A person wants these videos made again although they are finished, failed or left out: back to `discovered` in
   * a new round, with a fresh count of rounds. Those on their way are left there, and those that a person ignores.
   * @param before videos changed since then are left alone, so that one wish opens one round.
   * @returns how many were opened again.
   */
  async reopen(keys: readonly VideoKey[], before: Date): Promise<number> {
    const states = await this.states(keys);
    const closed = states.filter(({ status }) => REOPENED.includes(status));
    if (closed.length === 0) return 0;
    const result = await this.#videos.bulkWrite(
      closed.map(({ key, status, round }) => {
        const { $set, $inc, $unset } = nextRound('discovered', round);
        return {
          updateOne: {
            filter: {
              _id: videoDocumentId(key),
              round,
              status,
              updated_at: { $lt: before },
              skip_reason: { $ne: 'ignored' },
            },
            update: {
              $set: { ...$set, first_round: round + 1 },
              $inc,
              $unset: { ...$unset, error: 1, skip_reason: 1 },
            },
          },
        };
      }),
      { ordered: false },
    );
    return result.modifiedCount;
  }

  /** Where these videos stand; unknown ones are left out. */
  async states(keys: readonly VideoKey[]): Promise<VideoState[]> {
    const documents = await this.#videos
      .find({ _id: { $in: keys.map(videoDocumentId) } }, { provider: 1, video_id: 1, status: 1, round: 1 })
      .lean<Pick<VideoDocument, '_id' | 'provider' | 'video_id' | 'status' | 'round'>[]>();
    return documents.map((found) => ({
      key: { provider: found.provider, videoId: found.video_id },
      status: found.status,
      round: found.round,
    }));
  }

  /** @returns whether the video was in that round and stage; false means that another run was first. */
  async markDownloaded(
    key: VideoKey,
    round: number,
    audio: VideoAudio,
    metadata: VideoMetadata,
  ): Promise<boolean> {
    return await this.#advance(key, round, ['discovered', 'retrying'], {
      status: 'downloaded',
      audio,
      ...learnedFields(metadata),
    });
  }

  /** @returns false when another run was first. */
  async markStored(key: VideoKey, round: number, audio: VideoAudio): Promise<boolean> {
    return await this.#advance(key, round, ['downloaded', 'retrying'], {
      status: 'stored',
      audio,
      stored_at: new Date(),
    });
  }

  /** @returns false when another run was first. */
  async markMirrored(key: VideoKey, round: number, mirror: VideoMirror): Promise<boolean> {
    return await this.#advance(key, round, ['stored', 'retrying'], { status: 'mirrored', mirror });
  }

  /** The mirror by hand copied or confirmed this object, whatever round the video is in. */
  async confirmMirrored(key: VideoKey, mirror: VideoMirror): Promise<boolean> {
    const result = await this.#videos.updateOne(
      {
        _id: videoDocumentId(key),
        $or: [
          { status: { $in: ['stored', 'mirrored'] } },
          { status: { $in: ['retrying', 'failed'] }, 'error.stage': 'sync' },
        ],
      },
      {
        $set: { status: 'mirrored', mirror, updated_at: new Date() },
        $unset: { error: 1, next_retry_at: 1 },
      },
    );
    return result.matchedCount > 0;
  }

  /**
   * The attempts of a round are spent: the video waits for its next round, which begins at `place.resumeAt`.
   * @returns false when the video is not in that round and stage any more.
   */
  async markRetrying(
    key: VideoKey,
    round: number,
    place: FailurePlace,
    error: JobError,
    nextRetryAt: Date,
  ): Promise<boolean> {
    return await this.#fail(key, round, place, error, { status: 'retrying', next_retry_at: nextRetryAt });
  }

  /** The end of the way: permanent, or all rounds spent. A revival begins at `place.resumeAt`. */
  async markFailed(key: VideoKey, round: number, place: FailurePlace, error: JobError): Promise<boolean> {
    return await this.#fail(key, round, place, error, { status: 'failed' });
  }

  /**
   * Opens the next round of a video that waits in the retry queue. Of several claims for one round one wins.
   * @param options.countsAsRound false for a thing that only was not there yet: its rounds are not used up.
   * @returns whether this call won.
   */
  async claimRetry(
    key: VideoKey,
    round: number,
    stage: Stage,
    options: { readonly countsAsRound: boolean },
  ): Promise<boolean> {
    const update = nextRound(STATUS_BEFORE[stage], round);
    const result = await this.#videos.updateOne(
      { _id: videoDocumentId(key), round, status: 'retrying' },
      options.countsAsRound ? update : { ...update, $inc: { retry_attempts: 1, first_round: 1 } },
    );
    return result.modifiedCount > 0;
  }

  /**
   * A person wants a failed or waiting video tried again now: next round, with a fresh count of rounds.
   * @returns the state from which it goes on, or undefined when it neither failed nor waits.
   */
  async revive(key: VideoKey): Promise<(VideoState & { readonly stage: Stage }) | undefined> {
    const video = await this.find(key);
    if (video === undefined || (video.status !== 'failed' && video.status !== 'retrying')) return undefined;
    const stage = video.error?.stage ?? 'download';
    const round = video.round + 1;
    const update = nextRound(STATUS_BEFORE[stage], video.round);
    const result = await this.#videos.updateOne(
      { _id: video._id, round: video.round, status: video.status },
      { ...update, $set: { ...update.$set, first_round: round } },
    );
    if (result.modifiedCount === 0) return undefined;
    return { key, status: STATUS_BEFORE[stage], round, stage };
  }

  async #fail(
    key: VideoKey,
    round: number,
    place: FailurePlace,
    error: JobError,
    change: { readonly status: 'retrying' | 'failed'; readonly next_retry_at?: Date },
  ): Promise<boolean> {
    const result = await this.#videos.updateOne(
      {
        _id: videoDocumentId(key),
        round,
        status: { $in: [STATUS_BEFORE[place.stage], 'retrying', change.status] },
      },
      {
        $set: { ...change, error: failure(error, place.resumeAt), updated_at: new Date() },
        ...(change.status === 'failed' ? { $unset: { next_retry_at: 1 } } : {}),
      },
    );
    return result.matchedCount > 0;
  }

  async #advance(
    key: VideoKey,
    round: number,
    from: readonly VideoStatus[],
    fields: UpdateQuery<VideoDocument>,
  ): Promise<boolean> {
    const result = await this.#videos.updateOne(
      { _id: videoDocumentId(key), round, status: { $in: from } },
      { $set: { ...fields, updated_at: new Date() }, $unset: { error: 1, next_retry_at: 1 } },
    );
    return result.matchedCount > 0;
  }
}

async function insertMissing(videos: Model<VideoDocument>, missing: readonly VideoDocument[]): Promise<void> {
  if (missing.length === 0) return;
  try {
    await videos.bulkWrite(
      missing.map(({ _id, ...fields }) => ({
        updateOne: { filter: { _id }, update: { $setOnInsert: fields }, upsert: true },
      })),
      { ordered: false },
    );
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
}

function idOfState(state: VideoState): string {
  return videoDocumentId(state.key);
}

function nextRound(status: VideoStatus, round: number) {
  const now = new Date();
  return {
    $set: { status, round: round + 1, last_retry: now, updated_at: now },
    $inc: { retry_attempts: 1 },
    $unset: { next_retry_at: 1 },
  };
}

function failure(error: JobError, stage: Stage) {
  return {
    class: error.errorClass,
    message: error.message.slice(0, MAX_MESSAGE_LENGTH),
    advice: error.advice,
    stage,
    at: new Date(),
  };
}
