import { PERSON_SKIP_REASONS, STATUS_BEFORE, type Stage, type VideoStatus } from '../domain/video-status.ts';
import type { UpdateQuery } from 'mongoose';
import { videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import type { VideoAudio, VideoDocument } from './collections/video.ts';
import { newVideo, type DiscoveredVideo } from './discovered-video.ts';
import { unlessDuplicateKey } from './server-errors.ts';
import { Repository } from './repository.ts';
import { firstRound, nextRound, stateFilter, type VideoState } from './video-rounds.ts';

const REOPENED_STATUSES: readonly VideoStatus[] = ['failed', 'skipped', 'stored', 'mirrored'];

/**
 * Changes that put a video back on its way, by reconcile or because a person asked for it. Each is one atomic update
 * that applies only while the video has the round and status that the caller saw, so of two changes at the same time
 * only one applies.
 */
export class VideoRepairs extends Repository<VideoDocument> {
  /**
   * Starts failed or waiting videos again at the stage that failed: next round, with the limit of rounds counted anew.
   * @returns the new state; undefined when the video neither failed nor waits for a retry.
   */
  async retry(key: VideoKey): Promise<(VideoState & { readonly stage: Stage }) | undefined> {
    const video = await this.findById(videoDocumentId(key));
    if (video?.status !== 'failed' && video?.status !== 'retrying') return undefined;
    const stage = video.error?.stage ?? 'download';
    const status = STATUS_BEFORE[stage];
    const isChanged = await this.#change({ ...video, key }, firstRound(status, video.round));
    return isChanged ? { key, status, round: video.round + 1, stage } : undefined;
  }

  /**
   * Starts finished, failed and skipped videos again from the download, with the limit of rounds counted anew. Videos
   * that are on their way, and those that a person skipped or deleted, are left alone.
   * @param seen their present states.
   * @param before videos that have changed since then are left alone, so that a repeated request starts one round.
   * @returns how many were started again.
   */
  async reopen(seen: readonly VideoState[], before: Date): Promise<number> {
    const closed = seen.filter(({ status }) => REOPENED_STATUSES.includes(status));
    if (closed.length === 0) return 0;
    const result = await this.model.bulkWrite(
      closed.map((state) => ({
        updateOne: {
          filter: {
            ...stateFilter(state),
            updated_at: { $lt: before },
            skip_reason: { $nin: PERSON_SKIP_REASONS },
          },
          update: firstRound('discovered', state.round, ['error', 'skip_reason']),
        },
      })),
      { ordered: false },
    );
    return result.modifiedCount;
  }

  /** Copies a stored video to Azure once more, with the limit of rounds counted anew; the copy that is there is compared. */
  async mirrorAgain(seen: VideoState): Promise<boolean> {
    return await this.#change(seen, firstRound('stored', seen.round, ['error']));
  }

  /**
   * Starts the next round at a stage, for a video that has no job any more. It counts towards the limit of rounds.
   * @returns whether the video was still in the state that was seen; so do the methods below.
   */
  async openRound(seen: VideoState, stage: Stage): Promise<boolean> {
    return await this.#change(seen, nextRound(STATUS_BEFORE[stage], seen.round));
  }

  /**
   * The object of a finished video is gone: the video is downloaded again, in a new round. The limit of rounds is counted
   * anew, as nothing of it had failed. The records of object and blob are removed.
   */
  async forgetObject(seen: VideoState): Promise<boolean> {
    return await this.#change(seen, firstRound('discovered', seen.round, ['error', 'audio', 'mirror']));
  }

  /** The object of a video that is not recorded as stored was found in the bucket. */
  async markFound(seen: VideoState, audio: VideoAudio): Promise<boolean> {
    const now = new Date();
    return await this.#change(seen, {
      $set: { status: 'stored', audio, stored_at: now, updated_at: now },
      $unset: { next_retry_at: 1, error: 1, skip_reason: 1 },
    });
  }

  /** The lost object of a video was restored with the same content; the store gave it a new ETag. */
  async markRestored(seen: VideoState, etag: string): Promise<boolean> {
    return await this.#change(seen, { $set: { 'audio.etag': etag, updated_at: new Date() } });
  }

  /**
   * Adds a video that has no record although its object or its staged file was found.
   * @param video.audio present when its object is in the bucket: the video is `stored`, else `discovered`.
   * @returns false when it has one by now, which is left as it is.
   */
  async adopt(video: DiscoveredVideo & { readonly audio?: VideoAudio }): Promise<boolean> {
    const now = new Date();
    const { _id, ...fields } = newVideo(video, now);
    const stored = video.audio && { status: 'stored' as const, audio: video.audio, stored_at: now };
    const result = await unlessDuplicateKey(
      this.model.updateOne({ _id }, { $setOnInsert: { ...fields, ...stored } }, { upsert: true }),
    );
    return result !== undefined && result.upsertedCount > 0;
  }

  async #change(seen: VideoState, update: UpdateQuery<VideoDocument>): Promise<boolean> {
    const result = await this.model.updateOne(stateFilter(seen), update);
    return result.modifiedCount > 0;
  }
}
