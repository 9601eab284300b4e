import { videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import { PERSON_SKIP_REASONS } from '../domain/video-status.ts';
import type { VideoDocument } from './collections/video.ts';
import { Repository } from './repository.ts';
import { firstRound, stateFilter } from './video-rounds.ts';

/**
 * What a person decides about a video. Each method is one atomic update that prevails over jobs: none of them takes up or
 * records a skipped video. All are safe to repeat.
 */
export class VideoDecisions extends Repository<VideoDocument> {
  /**
   * Takes a video that is not archived yet off its way.
   * @returns false when it is archived, was skipped or deleted by a person before, or is not known.
   */
  async skip(key: VideoKey): Promise<boolean> {
    const result = await this.model.updateOne(
      {
        _id: videoDocumentId(key),
        $or: [
          { status: { $in: ['discovered', 'downloaded'] } },
          { status: { $in: ['retrying', 'failed'] }, 'error.stage': { $ne: 'sync' } },
          { status: 'skipped', skip_reason: { $nin: PERSON_SKIP_REASONS } },
        ],
      },
      {
        $set: { status: 'skipped', skip_reason: 'ignored', updated_at: new Date() },
        $unset: { error: 1, next_retry_at: 1 },
      },
    );
    return result.matchedCount > 0;
  }

  /**
   * Starts a skipped or deleted video again from the download, with the limit of rounds counted anew.
   * @returns its new round; undefined when it is not skipped.
   */
  async unskip(key: VideoKey): Promise<number | undefined> {
    const video = await this.findById(videoDocumentId(key));
    if (video?.status !== 'skipped') return undefined;
    // If the object of a deleted video is still there, reconcile finds it.
    const gone =
      video.skip_reason === 'deleted' ? (['deletion', 'audio', 'stored_at', 'mirror'] as const) : [];
    const update = firstRound('discovered', video.round, ['error', 'skip_reason', ...gone]);
    const result = await this.model.updateOne(
      stateFilter({ key, round: video.round, status: 'skipped' }),
      update,
    );
    return result.modifiedCount > 0 ? video.round + 1 : undefined;
  }

  /**
   * Records that a video is to be deleted; its objects are removed after that.
   * @param everywhere also in Azure; a later request may add this, and none takes it back.
   * @returns whether this changed anything: false when it had been requested before.
   */
  async requestDeletion(key: VideoKey, everywhere: boolean): Promise<boolean> {
    const _id = videoDocumentId(key);
    const now = new Date();
    const marked = await this.model.updateOne(
      { _id, skip_reason: { $ne: 'deleted' } },
      {
        $set: {
          status: 'skipped',
          skip_reason: 'deleted',
          deletion: { at: now, everywhere },
          updated_at: now,
        },
        $unset: { error: 1, next_retry_at: 1 },
      },
    );
    if (marked.matchedCount > 0) return true;
    if (!everywhere) return false;
    const extended = await this.model.updateOne(
      { _id, skip_reason: 'deleted', 'deletion.everywhere': false },
      { $set: { 'deletion.everywhere': true, updated_at: now }, $unset: { 'deletion.finished_at': 1 } },
    );
    return extended.matchedCount > 0;
  }

  /**
   * The objects of a deleted video are gone.
   * @param everywhere also the blob in Azure.
   * @returns false when the video is not deleted any more, or meanwhile everywhere.
   */
  async markDeleted(key: VideoKey, everywhere: boolean): Promise<boolean> {
    const result = await this.model.updateOne(
      { _id: videoDocumentId(key), skip_reason: 'deleted', 'deletion.everywhere': everywhere },
      {
        $set: { 'deletion.finished_at': new Date() },
        $unset: { audio: 1, stored_at: 1, ...(everywhere ? { mirror: 1 } : {}) },
      },
    );
    return result.matchedCount > 0;
  }
}
