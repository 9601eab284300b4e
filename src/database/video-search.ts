import type { Model, QueryFilter } from 'mongoose';
import type { ErrorClass } from '../domain/error-classes.ts';
import type { VideoStatus } from '../domain/video-status.ts';
import type { VideoDocument } from './collections/video.ts';
import { JoinedReads } from '../runtime/joined-reads.ts';
import type { PlaylistVideos } from './playlist-videos.ts';
import { LISTED, type VideoPage } from './video-page.ts';
import {
  positionOf,
  segmentsOf,
  type PageStart,
  type VideoOrder,
  type VideoPosition,
  type VideoSort,
} from './video-order.ts';

export interface VideoFilter {
  readonly status?: VideoStatus;
  /** Only videos that this playlist contains. */
  readonly playlistId?: string;
  /** A part of the title; letter case does not matter. */
  readonly title?: string;
  /** Its `_id`. With a title: videos that match one of the two. */
  readonly id?: string;
  readonly errorClass?: ErrorClass;
  readonly channelId?: string;
  /** Of the audio track that was chosen. */
  readonly language?: string;
  /** Of which this skip (an `_id` of the audit) was the last decision. */
  readonly skippedBy?: string;
}

/** A video whose object is in the bucket. */
export type ArchivedVideo = VideoDocument & {
  readonly audio: NonNullable<VideoDocument['audio']> & { readonly key: string };
};

/** mongo-java-server reads all videos for each page, so fewer and larger pages are faster. */
const PAGE_SIZE = 1_000;

const ARCHIVED: QueryFilter<VideoDocument> = {
  'audio.key': { $exists: true },
  skip_reason: { $ne: 'deleted' },
};

/** Searches of people: videos by what they can say about them. */
export class VideoSearch {
  readonly #videos: Model<VideoDocument>;
  readonly #playlistVideos: PlaylistVideos;
  /** Those who look at the same list at the same time share its readings. */
  readonly #pages = new JoinedReads<VideoPage>();
  readonly #counts = new JoinedReads<number>();

  constructor(videos: Model<VideoDocument>, playlistVideos: PlaylistVideos) {
    this.#videos = videos;
    this.#playlistVideos = playlistVideos;
  }

  /** The videos that match: those of a playlist in its order, others the latest change first; streamed. */
  async *find({ playlistId, ...wanted }: VideoFilter): AsyncGenerator<VideoDocument, void> {
    const filter = queryOf(wanted);
    if (playlistId !== undefined) {
      for await (const videos of this.#playlistVideos.inPlaylistOrder(playlistId, filter)) yield* videos;
      return;
    }
    yield* this.#videos.find(filter).sort({ updated_at: -1 }).lean<VideoDocument>().cursor();
  }

  /** One page of the videos that match, in an order of people. */
  async page(filter: VideoFilter, start: PageStart, limit: number): Promise<VideoPage> {
    return await this.#pages.read(JSON.stringify([filter, start, limit]), () =>
      this.#readPage(filter, start, limit),
    );
  }

  async #readPage(
    { playlistId, ...wanted }: VideoFilter,
    start: PageStart,
    limit: number,
  ): Promise<VideoPage> {
    const filter = queryOf(wanted);
    if (playlistId !== undefined) return await this.#playlistVideos.page(playlistId, filter, start, limit);
    const found: VideoDocument[] = [];
    for (const segment of segmentsOf(start)) {
      if (found.length > limit) break;
      const videos = await this.#videos
        .find({ $and: [filter, segment.filter] }, LISTED)
        .sort(segment.sort)
        .limit(limit + 1 - found.length)
        .lean<VideoDocument[]>();
      found.push(...videos);
    }
    const videos = found.slice(0, limit);
    return { videos: start.backwards ? videos.toReversed() : videos, hasMore: found.length > limit };
  }

  /** All videos that match, in an order of people; page by page, so that memory does not grow with their number. */
  async *sorted(
    filter: VideoFilter,
    order: VideoOrder,
    pageSize: number,
  ): AsyncGenerator<readonly VideoDocument[], void> {
    const { playlistId, ...wanted } = filter;
    if (playlistId !== undefined) {
      yield* this.#playlistVideos.sorted(playlistId, queryOf(wanted), order);
      return;
    }
    let from: VideoPosition | undefined;
    for (;;) {
      const { videos, hasMore } = await this.page(filter, { order, from }, pageSize);
      if (videos.length > 0) yield videos;
      const last = videos.at(-1);
      if (!hasMore || last === undefined) return;
      from = positionOf(last, order.sort);
    }
  }

  /** The place of a video in a list; that of one without a value when it is unknown. */
  async positionOf(id: string, sort: VideoSort): Promise<VideoPosition> {
    const video = await this.#videos.findById(id).lean<VideoDocument>();
    return video === null ? { id, value: null } : positionOf(video, sort);
  }

  /**
   * All videos that match, in the order of their `_id`, which never changes: each is yielded once, whatever happens to it
   * meanwhile. Page by page, so that memory does not grow with their number.
   */
  async *walk(filter: VideoFilter, pageSize = PAGE_SIZE): AsyncGenerator<readonly VideoDocument[], void> {
    const { playlistId, ...wanted } = filter;
    if (playlistId !== undefined) {
      yield* this.#playlistVideos.byId(playlistId, queryOf(wanted));
      return;
    }
    let lastId = '';
    for (;;) {
      const videos: VideoDocument[] = await this.#videos
        .find({ $and: [queryOf(wanted), { _id: { $gt: lastId } }] })
        .sort({ _id: 1 })
        .limit(pageSize)
        .lean<VideoDocument[]>();
      if (videos.length > 0) yield videos;
      const last = videos.at(-1);
      if (videos.length < pageSize || last === undefined) return;
      lastId = last._id;
    }
  }

  /** How many videos match, counted up to `limit`; all of them without one, and those of a playlist. */
  async countUpTo({ playlistId, ...wanted }: VideoFilter, limit?: number): Promise<number> {
    const filter = queryOf(wanted);
    if (playlistId !== undefined) return await this.#playlistVideos.count(playlistId, filter);
    const options = limit === undefined ? {} : { limit };
    return await this.#counts.read(JSON.stringify([filter, limit]), () =>
      this.#videos.countDocuments(filter, options).exec(),
    );
  }

  /** How many of the videos that match have each status. */
  async countByStatus({ playlistId, ...wanted }: VideoFilter): Promise<ReadonlyMap<VideoStatus, number>> {
    const filter = queryOf(wanted);
    const counts = new Map<VideoStatus, number>();
    if (playlistId !== undefined) {
      for await (const videos of this.#playlistVideos.byId(playlistId, filter, { status: 1 }))
        for (const { status } of videos) counts.set(status, (counts.get(status) ?? 0) + 1);
      return counts;
    }
    const groups = await this.#videos.aggregate<{ _id: VideoStatus; count: number }>([
      { $match: filter },
      { $group: { _id: '$status', count: { $sum: 1 } } },
    ]);
    return new Map(groups.map(({ _id, count }) => [_id, count]));
  }

  /** The videos whose object is in the bucket: those of a playlist in its order, others by their `_id`; streamed. */
  async *archived(playlistId?: string): AsyncGenerator<ArchivedVideo, void> {
    if (playlistId !== undefined) {
      for await (const videos of this.#playlistVideos.inPlaylistOrder(playlistId, ARCHIVED))
        yield* videos.filter(isArchived);
      return;
    }
    let lastId = '';
    for (;;) {
      const page = await this.#videos
        .find({ ...ARCHIVED, _id: { $gt: lastId } })
        .sort({ _id: 1 })
        .limit(PAGE_SIZE)
        .lean<VideoDocument[]>();
      yield* page.filter(isArchived);
      const last = page.at(-1);
      if (last === undefined) return;
      lastId = last._id;
    }
  }

  /** The `_id` of another video whose object has this content; undefined when there is none. */
  async withContent(sha256: string, exceptId: string): Promise<string | undefined> {
    const found = await this.#videos
      .findOne(
        { 'audio.sha256': sha256, _id: { $ne: exceptId }, skip_reason: { $ne: 'deleted' } },
        { _id: 1 },
      )
      .lean<Pick<VideoDocument, '_id'>>();
    return found?._id;
  }

  async countArchived(playlistId?: string): Promise<number> {
    if (playlistId === undefined) return await this.#videos.countDocuments(ARCHIVED);
    let count = 0;
    for await (const video of this.archived(playlistId)) if (isArchived(video)) count += 1;
    return count;
  }
}

export function queryOf(wanted: Omit<VideoFilter, 'playlistId'>): QueryFilter<VideoDocument> {
  const { status, title, id, errorClass, channelId, language, skippedBy } = wanted;
  const filter: QueryFilter<VideoDocument> = {};
  if (status !== undefined) filter.status = status;
  if (errorClass !== undefined) filter['error.class'] = errorClass;
  if (channelId !== undefined) filter.channel_id = channelId;
  if (language !== undefined) filter['audio.language'] = language;
  if (skippedBy !== undefined) {
    Object.assign(filter, { status: 'skipped', skip_reason: 'ignored', 'skip.operation': skippedBy });
  }
  const titled = title && { title: { $regex: escapePattern(title), $options: 'i' } };
  if (titled && id !== undefined) filter.$or = [{ _id: id }, titled];
  else if (titled) Object.assign(filter, titled);
  else if (id !== undefined) filter._id = id;
  return filter;
}

/** `RegExp.escape` came with Node 24. */
function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** Whether the object of a video is in the bucket. */
export function isArchived(video: VideoDocument): video is ArchivedVideo {
  return video.audio?.key !== undefined && video.skip_reason !== 'deleted';
}
