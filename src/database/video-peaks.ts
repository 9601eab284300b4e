import { videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import type { VideoAudio, VideoDocument } from './collections/video.ts';
import { Repository } from './repository.ts';
import { isArchived, type ArchivedVideo } from './video-search.ts';

/** What the record says of the peaks of stored audio. */
export class VideoPeaks extends Repository<VideoDocument> {
  /** Stored videos whose peaks were not measured yet, in the order of their `_id`, after this one. */
  async missing(afterId: string, limit: number): Promise<ArchivedVideo[]> {
    const found = await this.model
      // Null also stands for a field that is not there, and then the index of what has a key serves it.
      .find({
        ...{ 'audio.peaks': null, 'audio.key': { $exists: true } },
        ...{ status: { $in: ['stored', 'mirrored'] }, _id: { $gt: afterId } },
      })
      .sort({ _id: 1 })
      .limit(limit)
      .lean<VideoDocument[]>();
    return found.filter(isArchived);
  }

  /**
   * Records that the peaks of this audio are made, or cannot be.
   * @param audioMd5 of the audio that they were measured from
   * @returns false when the video has other audio now, or none.
   */
  async mark(key: VideoKey, audioMd5: string, peaks: NonNullable<VideoAudio['peaks']>): Promise<boolean> {
    const filter = {
      _id: videoDocumentId(key),
      'audio.md5': audioMd5,
      status: { $in: ['stored', 'mirrored'] as const },
    };
    return (await this.model.updateOne(filter, { $set: { 'audio.peaks': peaks } })).matchedCount > 0;
  }

  /** The peaks that the record tells of are not there: the maintenance task makes them again. */
  async forget(key: VideoKey, audioMd5: string | undefined): Promise<void> {
    const ofAudio = audioMd5 === undefined ? {} : { 'audio.md5': audioMd5 };
    const filter = { _id: videoDocumentId(key), 'audio.peaks': 'made' as const, ...ofAudio };
    await this.model.updateOne(filter, { $unset: { 'audio.peaks': 1 } });
  }
}
