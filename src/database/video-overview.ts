import type { VideoDocument } from './collections/video.ts';
import { VIDEO_STATUSES, type VideoStatus } from '../domain/video-status.ts';
import type { Model, QueryFilter } from 'mongoose';
import type { ErrorClass } from '../domain/error-classes.ts';
import { parseVideoDocumentId } from '../domain/video-key.ts';

/** The queries of status, reports and alerts on the videos. */
export class VideoOverview {
  readonly #videos: Model<VideoDocument>;

  constructor(videos: Model<VideoDocument>) {
    this.#videos = videos;
  }

  async countByStatus(): Promise<Record<VideoStatus, number>> {
    const groups = await this.#videos.aggregate<{ _id: VideoStatus; count: number }>([
      { $group: { _id: '$status', count: { $sum: 1 } } },
    ]);
    const counts = new Map(groups.map(({ _id, count }) => [_id, count]));
    return Object.fromEntries(VIDEO_STATUSES.map((status) => [status, counts.get(status) ?? 0])) as Record<
      VideoStatus,
      number
    >;
  }

  /** How many failed videos each error class has, the largest first. */
  async countFailedByClass(): Promise<{ errorClass: string; count: number }[]> {
    const groups = await this.#videos.aggregate<{ _id: string; count: number }>([
      { $match: { status: 'failed' } },
      { $group: { _id: '$error.class', count: { $sum: 1 } } },
      { $sort: { count: -1 } },
    ]);
    return groups.map((group) => ({ errorClass: group._id, count: group.count }));
  }

  /** The total size and duration of the audio in the bucket. */
  async sumStoredAudio(): Promise<{ bytes: number; seconds: number }> {
    const sums = await this.#videos.aggregate<{ bytes: number; seconds: number }>([
      { $match: { status: { $in: ['stored', 'mirrored'] } } },
      { $group: { _id: null, bytes: { $sum: '$audio.size' }, seconds: { $sum: '$audio.duration' } } },
    ]);
    return { bytes: sums[0]?.bytes ?? 0, seconds: sums[0]?.seconds ?? 0 };
  }

  /** When the video that has waited longest for its copy in Azure was stored; undefined when none waits. */
  async oldestUnmirrored(): Promise<Date | undefined> {
    type Times = Pick<VideoDocument, 'stored_at' | 'updated_at'>;
    const [waiting, retried] = await Promise.all([
      this.#videos
        .find({ status: 'stored' }, { stored_at: 1, updated_at: 1 })
        .sort({ updated_at: 1 })
        .limit(1)
        .lean<Times[]>(),
      // Each round changes `updated_at`; `stored_at` stays.
      this.#videos.aggregate<{ oldest: Date | null }>([
        { $match: { status: 'retrying', 'error.stage': 'sync' } },
        { $group: { _id: null, oldest: { $min: '$stored_at' } } },
      ]),
    ]);
    const times = [
      ...waiting.map((video) => video.stored_at ?? video.updated_at),
      retried[0]?.oldest ?? undefined,
    ]
      .filter((time) => time !== undefined)
      .map((time) => time.getTime());
    return times.length === 0 ? undefined : new Date(Math.min(...times));
  }

  /** Failed videos, optionally of one class; streamed. */
  async *failed(errorClass?: ErrorClass): AsyncGenerator<VideoDocument> {
    const filter: QueryFilter<VideoDocument> = { status: 'failed' };
    if (errorClass !== undefined) filter['error.class'] = errorClass;
    yield* this.#stream(filter, { updated_at: 1 });
  }

  /** The videos that failed last, newest first. */
  async latestFailed(limit: number): Promise<VideoDocument[]> {
    return await this.#videos
      .find({ status: 'failed' })
      .sort({ updated_at: -1 })
      .limit(limit)
      .lean<VideoDocument[]>();
  }

  /** Videos that wait in the retry queue, in the order of their retries; streamed. */
  async *retrying(): AsyncGenerator<VideoDocument> {
    yield* this.#stream({ status: 'retrying' }, { next_retry_at: 1 });
  }

  async *#stream(
    filter: QueryFilter<VideoDocument>,
    order: Record<string, 1 | -1>,
  ): AsyncGenerator<VideoDocument> {
    for await (const video of this.#videos.find(filter).sort(order).lean<VideoDocument>().cursor()) {
      if (parseVideoDocumentId(video._id) !== undefined) yield video;
    }
  }
}
