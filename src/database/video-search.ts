import type { PlaylistItemDocument } from './collections/playlist.ts';
import type { Model, QueryFilter } from 'mongoose';
import type { VideoStatus } from '../domain/video-status.ts';
import type { VideoDocument } from './collections/video.ts';

export interface VideoFilter {
  readonly status?: VideoStatus;
  /** Only videos that this playlist contains. */
  readonly playlistId?: string;
  /** A part of the title; letter case does not matter. */
  readonly title?: string;
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
  async *find({ status, playlistId, title }: VideoFilter): AsyncGenerator<VideoDocument, void> {
    const filter: QueryFilter<VideoDocument> = {};
    if (status !== undefined) filter.status = status;
    if (title !== undefined) filter.title = { $regex: escapePattern(title), $options: 'i' };
    if (playlistId !== undefined) {
      yield* this.#ofPlaylist(playlistId, filter);
      return;
    }
    yield* this.#videos.find(filter).sort({ updated_at: -1 }).lean<VideoDocument>().cursor();
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
    const items = await this.#items
      .find({ playlist_id: playlistId, removed_at: null }, { video_id: 1 })
      .sort({ position: 1 })
      .lean<Pick<PlaylistItemDocument, 'video_id'>[]>();
    for (let start = 0; start < items.length; start += PAGE_SIZE) {
      const ids = items.slice(start, start + PAGE_SIZE).map((item) => item.video_id);
      const found = await this.#videos.find({ ...filter, _id: { $in: ids } }).lean<VideoDocument[]>();
      const byId = new Map(found.map((video) => [video._id, video]));
      yield* ids.flatMap((id) => byId.get(id) ?? []);
    }
  }
}

/** `RegExp.escape` came with Node 24. */
function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function isArchived(video: VideoDocument): video is ArchivedVideo {
  return video.audio?.key !== undefined;
}
