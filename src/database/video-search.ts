import type { PlaylistItemDocument } from './collections/playlist.ts';
import type { Model, QueryFilter } from 'mongoose';
import type { ErrorClass } from '../domain/error-classes.ts';
import type { VideoStatus } from '../domain/video-status.ts';
import type { VideoDocument } from './collections/video.ts';

export interface VideoFilter {
  readonly status?: VideoStatus;
  /** Only videos that this playlist contains. */
  readonly playlistId?: string;
  /** A part of the title; letter case does not matter. */
  readonly title?: string;
  readonly errorClass?: ErrorClass;
  readonly channelId?: string;
  /** Of the audio track that was chosen. */
  readonly language?: string;
}

/** A place in a list of videos, the latest change first. */
export interface VideoCursor {
  readonly updatedAt: Date;
  readonly id: string;
}

export interface VideoPage {
  readonly videos: readonly VideoDocument[];
  /** Where the next page begins; undefined on the last one. */
  readonly next: VideoCursor | undefined;
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
  readonly #items: Model<PlaylistItemDocument>;

  constructor(videos: Model<VideoDocument>, items: Model<PlaylistItemDocument>) {
    this.#videos = videos;
    this.#items = items;
  }

  /** The videos that match: those of a playlist in its order, others the latest change first; streamed. */
  async *find({ playlistId, ...wanted }: VideoFilter): AsyncGenerator<VideoDocument, void> {
    const filter = queryOf(wanted);
    if (playlistId !== undefined) {
      yield* this.#ofPlaylist(playlistId, filter);
      return;
    }
    yield* this.#videos.find(filter).sort({ updated_at: -1 }).lean<VideoDocument>().cursor();
  }

  /** One page of the videos that match, the latest change first. Videos that change meanwhile may be on two pages. */
  async page(
    { playlistId, ...wanted }: VideoFilter,
    limit: number,
    after: VideoCursor | undefined,
  ): Promise<VideoPage> {
    const conditions: QueryFilter<VideoDocument>[] = [queryOf(wanted)];
    if (playlistId !== undefined) conditions.push({ _id: { $in: await this.#idsOfPlaylist(playlistId) } });
    if (after !== undefined) {
      const { updatedAt, id } = after;
      conditions.push({
        $or: [{ updated_at: { $lt: updatedAt } }, { updated_at: updatedAt, _id: { $lt: id } }],
      });
    }
    const found = await this.#videos
      .find({ $and: conditions })
      .sort({ updated_at: -1, _id: -1 })
      .limit(limit + 1)
      .lean<VideoDocument[]>();
    const videos = found.slice(0, limit);
    const last = found.length > limit ? videos.at(-1) : undefined;
    return { videos, next: last && { updatedAt: last.updated_at, id: last._id } };
  }

  /** How many videos match, counted up to `limit`. */
  async countUpTo({ playlistId, ...wanted }: VideoFilter, limit: number): Promise<number> {
    const inPlaylist =
      playlistId === undefined ? {} : { _id: { $in: await this.#idsOfPlaylist(playlistId) } };
    return await this.#videos.countDocuments({ $and: [queryOf(wanted), inPlaylist] }, { limit });
  }

  /** The videos whose object is in the bucket: those of a playlist in its order, others by their `_id`; streamed. */
  async *archived(playlistId?: string): AsyncGenerator<ArchivedVideo, void> {
    if (playlistId !== undefined) {
      for await (const video of this.#ofPlaylist(playlistId, ARCHIVED)) if (isArchived(video)) yield video;
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

  async countArchived(playlistId?: string): Promise<number> {
    if (playlistId === undefined) return await this.#videos.countDocuments(ARCHIVED);
    let count = 0;
    for await (const video of this.archived(playlistId)) if (isArchived(video)) count += 1;
    return count;
  }

  async *#ofPlaylist(
    playlistId: string,
    filter: QueryFilter<VideoDocument>,
  ): AsyncGenerator<VideoDocument, void> {
    const all = await this.#idsOfPlaylist(playlistId);
    for (let start = 0; start < all.length; start += PAGE_SIZE) {
      const ids = all.slice(start, start + PAGE_SIZE);
      const found = await this.#videos.find({ ...filter, _id: { $in: ids } }).lean<VideoDocument[]>();
      const byId = new Map(found.map((video) => [video._id, video]));
      yield* ids.flatMap((id) => byId.get(id) ?? []);
    }
  }

  async #idsOfPlaylist(playlistId: string): Promise<string[]> {
    const items = await this.#items
      .find({ playlist_id: playlistId, removed_at: null }, { video_id: 1 })
      .sort({ position: 1 })
      .lean<Pick<PlaylistItemDocument, 'video_id'>[]>();
    return items.map((item) => item.video_id);
  }
}

function queryOf(wanted: Omit<VideoFilter, 'playlistId'>): QueryFilter<VideoDocument> {
  const { status, title, errorClass, channelId, language } = wanted;
  const filter: QueryFilter<VideoDocument> = {};
  if (status !== undefined) filter.status = status;
  if (errorClass !== undefined) filter['error.class'] = errorClass;
  if (channelId !== undefined) filter.channel_id = channelId;
  if (language !== undefined) filter['audio.language'] = language;
  if (title !== undefined) filter.title = { $regex: escapePattern(title), $options: 'i' };
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
