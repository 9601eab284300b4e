import type { VideoDocument } from './collections/video.ts';
import { VIDEO_STATUSES, type VideoStatus } from '../domain/video-status.ts';
import type { QueryFilter } from 'mongoose';
import { recordOf } from '../domain/defined-fields.ts';
import type { ErrorClass } from '../domain/error-classes.ts';
import { parseVideoDocumentId } from '../domain/video-key.ts';
import { Repository } from './repository.ts';

/** The queries of status, reports and alerts on the videos. */
export class VideoOverview extends Repository<VideoDocument> {
  /** Naming all statuses makes it a walk through an index that contains them: no document is read. */
  async countByStatus(): Promise<Record<VideoStatus, number>> {
    const groups = await this.model.aggregate<{ _id: VideoStatus; count: number }>([
      { $match: { status: { $in: VIDEO_STATUSES } } },
      { $group: { _id: '$status', count: { $sum: 1 } } },
    ]);
    const counts = new Map(groups.map(({ _id, count }) => [_id, count]));
    return recordOf(VIDEO_STATUSES, (status) => counts.get(status) ?? 0);
  }

  /** How many failed videos each error class has, the largest first. */
  async countFailedByClass(): Promise<{ errorClass: string; count: number }[]> {
    const groups = await this.model.aggregate<{ _id: string; count: number }>([
      { $match: { status: 'failed' } },
      { $group: { _id: '$error.class', count: { $sum: 1 } } },
      { $sort: { count: -1 } },
    ]);
    return groups.map((group) => ({ errorClass: group._id, count: group.count }));
  }

  /** When the video that has waited longest for its copy in Azure was stored; undefined when none waits. */
  async oldestUnmirrored(): Promise<Date | undefined> {
    const oldest = (filter: QueryFilter<VideoDocument>) =>
      this.model
        .findOne(filter, { stored_at: 1, updated_at: 1 })
        .sort({ stored_at: 1 })
        .lean<Pick<VideoDocument, 'stored_at' | 'updated_at'>>();
    const times = await Promise.all([
      oldest({ status: 'stored' }),
      oldest({ status: 'retrying', 'error.stage': 'sync' }),
    ]);
    // Attempts and listings change `updated_at`; records of earlier versions have no `stored_at`, and come first.
    const found = times.flatMap((video) => (video === null ? [] : (video.stored_at ?? video.updated_at)));
    return found.length === 0 ? undefined : new Date(Math.min(...found.map(Number)));
  }

  /** Failed videos, optionally of one class; streamed. */
  async *failed(errorClass?: ErrorClass): AsyncGenerator<VideoDocument> {
    const filter: QueryFilter<VideoDocument> = { status: 'failed' };
    if (errorClass !== undefined) filter['error.class'] = errorClass;
    yield* this.#stream(filter, { updated_at: 1 });
  }

  /** The videos that failed last, newest first. */
  async latestFailed(limit: number): Promise<VideoDocument[]> {
    return await this.model.find({ status: 'failed' }).sort({ updated_at: -1 }).limit(limit).lean();
  }

  /** Videos that wait in the retry queue, in the order of their retries; streamed. */
  async *retrying(): AsyncGenerator<VideoDocument> {
    yield* this.#stream({ status: 'retrying' }, { next_retry_at: 1 });
  }

  async *#stream(
    filter: QueryFilter<VideoDocument>,
    order: Record<string, 1 | -1>,
  ): AsyncGenerator<VideoDocument> {
    for await (const video of this.model.find(filter).sort(order).lean().cursor()) {
      if (parseVideoDocumentId(video._id) !== undefined) yield video;
    }
  }
}
