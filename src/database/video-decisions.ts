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
   * Takes a video that is not archived yet off its way, and keeps what an undo needs to know.
   * @param operation the `_id` of the row in the audit
   * @returns false when it is archived, was skipped or deleted by a person before, or is not known.
   */
  async skip(key: VideoKey, operation: string): Promise<boolean> {
    // Between two states that allow it there are few steps of jobs: the loop ends soon.
    for (;;) {
      const video = await this.findById(videoDocumentId(key));
      if (video === undefined || !isSkippable(video)) return false;
      const { round, status, error, skip_reason: reason } = video;
      const before = { operation, ...(reason && { reason }), ...(status === 'failed' && error && { error }) };
      const result = await this.model.updateOne(
        { ...stateFilter({ key, round, status }), skip_reason: reason ?? null },
        {
          $set: { status: 'skipped', skip_reason: 'ignored', skip: before, updated_at: new Date() },
          $unset: { error: 1, next_retry_at: 1 },
        },
      );
      if (result.matchedCount > 0) return true;
    }
  }

  /** Which of these videos a person has deleted everywhere, by their `_id`. */
  async deletedEverywhere(keys: readonly VideoKey[]): Promise<ReadonlySet<string>> {
    const wanted = {
      _id: { $in: keys.map(videoDocumentId) },
      skip_reason: 'deleted' as const,
      'deletion.everywhere': true,
    };
    const found = await this.model.find(wanted, { _id: 1 }).lean<Pick<VideoDocument, '_id'>[]>();
    return new Set(found.map((video) => video._id));
  }

  /**
   * Brings a video that had failed, or that a filter had skipped, back to that; no job of it starts.
   * @param operation the skip that is undone
   * @returns false when it was neither, or is not skipped by this operation any more.
   */
  async restoreSkipped(key: VideoKey, operation: string): Promise<boolean> {
    const video = await this.findById(videoDocumentId(key));
    const before = video?.skip;
    if (!before || (before.reason === undefined && before.error === undefined)) return false;
    const { reason, error } = before;
    const result = await this.model.updateOne(
      { _id: videoDocumentId(key), ...skippedBy(operation) },
      {
        $set: { updated_at: new Date(), ...(reason ? { skip_reason: reason } : { status: 'failed', error }) },
        $unset: { skip: 1, ...(reason ? {} : { skip_reason: 1 }) },
      },
    );
    return result.matchedCount > 0;
  }

  /**
   * Starts a skipped or deleted video again from the download, with the limit of rounds counted anew.
   * @param operation only when this skip was the last decision about it
   * @returns its new round; undefined when it is not skipped.
   */
  async unskip(key: VideoKey, operation?: string): Promise<number | undefined> {
    const video = await this.findById(videoDocumentId(key));
    if (video?.status !== 'skipped') return undefined;
    const undone = operation === undefined ? {} : skippedBy(operation);
    // If the object of a deleted video is still there, reconcile finds it.
    const gone =
      video.skip_reason === 'deleted' ? (['deletion', 'audio', 'stored_at', 'mirror'] as const) : [];
    const update = firstRound('discovered', video.round, ['error', 'skip_reason', 'skip', ...gone]);
    const result = await this.model.updateOne(
      { ...stateFilter({ key, round: video.round, status: 'skipped' }), ...undone },
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
        $unset: { error: 1, next_retry_at: 1, skip: 1 },
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

/** Matches videos of which the skip `operation` was the last decision. */
function skippedBy(operation: string) {
  return { status: 'skipped', skip_reason: 'ignored', 'skip.operation': operation } as const;
}

function isSkippable({ status, skip_reason: reason, error }: VideoDocument): boolean {
  if (status === 'discovered' || status === 'downloaded') return true;
  if (status === 'retrying' || status === 'failed') return error?.stage !== 'sync';
  return status === 'skipped' && !(reason && PERSON_SKIP_REASONS.includes(reason));
}
