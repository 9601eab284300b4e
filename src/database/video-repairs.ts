import { type Stage, STATUS_BEFORE } from '../domain/video-status.ts';
import type { Model } from 'mongoose';
import { videoDocumentId } from '../domain/video-key.ts';
import { newVideo, type DiscoveredVideo } from './discovered-video.ts';
import type { VideoAudio, VideoDocument } from './documents.ts';
import { isDuplicateKey } from './duplicate-key.ts';
import { type VideoState } from './video-repository.ts';

/** A video that is found again without its record. */
export interface RecoveredVideo extends DiscoveredVideo {
  /** Present when its object is in the bucket: the video is `stored`, else `discovered`. */
  readonly audio?: VideoAudio;
}

/**
 * Changes that put a video back on its way. Each is one atomic update compared with the round and status that the
 * caller saw, so that workers, or a second repair at the same time, win or lose but never mix.
 */
export class VideoRepairs {
  readonly #videos: Model<VideoDocument>;

  constructor(videos: Model<VideoDocument>) {
    this.#videos = videos;
  }

  /**
   * Opens the next round at a stage for a video that no job carries any more. It counts as a round.
   * @returns whether this call did it.
   */
  async openRound(seen: VideoState, stage: Stage): Promise<boolean> {
    const now = new Date();
    const result = await this.#videos.updateOne(seenFilter(seen), {
      $set: { status: STATUS_BEFORE[stage], round: seen.round + 1, last_retry: now, updated_at: now },
      $inc: { retry_attempts: 1 },
      $unset: { next_retry_at: 1 },
    });
    return result.modifiedCount > 0;
  }

  /**
   * The object of a finished video is gone: it is downloaded anew, in a new round with a fresh count of rounds, as
   * nothing of it had failed. What was recorded of object and blob is dropped.
   * @returns whether this call did it.
   */
  async forgetObject(seen: VideoState): Promise<boolean> {
    const now = new Date();
    const round = seen.round + 1;
    const result = await this.#videos.updateOne(seenFilter(seen), {
      $set: { status: 'discovered', round, first_round: round, last_retry: now, updated_at: now },
      $inc: { retry_attempts: 1 },
      $unset: { next_retry_at: 1, error: 1, audio: 1, mirror: 1 },
    });
    return result.modifiedCount > 0;
  }

  /** The object of a video that is not recorded as stored is in the bucket. @returns whether this call did it. */
  async markFound(seen: VideoState, audio: VideoAudio): Promise<boolean> {
    const now = new Date();
    const result = await this.#videos.updateOne(seenFilter(seen), {
      $set: { status: 'stored', audio, stored_at: now, updated_at: now },
      $unset: { next_retry_at: 1, error: 1, skip_reason: 1 },
    });
    return result.modifiedCount > 0;
  }

  /** A lost object of this video was brought back as it was; the store gave it a new ETag. @returns whether this call did it. */
  async markRestored(seen: VideoState, etag: string): Promise<boolean> {
    const result = await this.#videos.updateOne(seenFilter(seen), {
      $set: { 'audio.etag': etag, updated_at: new Date() },
    });
    return result.modifiedCount > 0;
  }

  /** Adds a video that has no record. @returns false when there is one by now, which stays as it is. */
  async adopt(video: RecoveredVideo): Promise<boolean> {
    const now = new Date();
    const { _id, ...fields } = newVideo(video, now);
    const stored = video.audio === undefined ? {} : { status: 'stored', audio: video.audio, stored_at: now };
    try {
      const result = await this.#videos.updateOne(
        { _id },
        { $setOnInsert: { ...fields, ...stored } },
        { upsert: true },
      );
      return result.upsertedCount > 0;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }
}

function seenFilter({ key, round, status }: VideoState) {
  return { _id: videoDocumentId(key), round, status };
}
