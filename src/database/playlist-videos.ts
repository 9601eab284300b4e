import type { Model, QueryFilter } from 'mongoose';
import { JoinedReads } from '../runtime/joined-reads.ts';
import type { PlaylistItemDocument } from './collections/playlist.ts';
import type { VideoDocument } from './collections/video.ts';
import {
  inOrder,
  pageOf,
  positionOf,
  SORT_FIELDS,
  type PageStart,
  type VideoOrder,
  type VideoPosition,
  type VideoSort,
} from './video-order.ts';
import { LISTED, type VideoPage } from './video-page.ts';

/** Ids of one query. A server that compares each video with each of them, as the stand-in does, is slow with more. */
const BATCH_SIZE = 200;

type VideoQueryFilter = QueryFilter<VideoDocument>;
type Projection = Readonly<Record<string, 0 | 1>>;

/**
 * The videos of a playlist that match a filter. No index has both the playlist and what videos are sorted by, so their places in
 * a list are read by id and put in order here; the videos themselves are read for one page only.
 */
export class PlaylistVideos {
  readonly #videos: Model<VideoDocument>;
  readonly #items: Model<PlaylistItemDocument>;
  readonly #places = new JoinedReads<readonly VideoPosition[]>();

  constructor(videos: Model<VideoDocument>, items: Model<PlaylistItemDocument>) {
    this.#videos = videos;
    this.#items = items;
  }

  /** One page in an order of people. */
  async page(
    playlistId: string,
    filter: VideoQueryFilter,
    start: PageStart,
    limit: number,
  ): Promise<VideoPage> {
    const all = await this.#placesOf(playlistId, filter, start.order.sort);
    const { places, hasMore } = pageOf(inOrder(all, start.order), start, limit);
    return { videos: await this.#read(places, {}, LISTED), hasMore, total: all.length };
  }

  /** All of them in an order of people, in batches. The order is that of the beginning, whatever changes meanwhile. */
  async *sorted(
    playlistId: string,
    filter: VideoQueryFilter,
    order: VideoOrder,
  ): AsyncGenerator<readonly VideoDocument[], void> {
    yield* this.#batches(
      inOrder(await this.#placesOf(playlistId, filter, order.sort), order),
      filter,
      LISTED,
    );
  }

  /** All of them in the order of their `_id`, in batches. */
  async *byId(
    playlistId: string,
    filter: VideoQueryFilter,
    projection?: Projection,
  ): AsyncGenerator<readonly VideoDocument[], void> {
    yield* this.#batches(await this.#idsOf(playlistId, { video_id: 1 }), filter, projection);
  }

  /** All of them in the order of the playlist, in batches. */
  async *inPlaylistOrder(
    playlistId: string,
    filter: VideoQueryFilter,
  ): AsyncGenerator<readonly VideoDocument[], void> {
    yield* this.#batches(await this.#idsOf(playlistId, { position: 1 }), filter);
  }

  async count(playlistId: string, filter: VideoQueryFilter): Promise<number> {
    const places = await this.#placesOf(playlistId, filter, 'changed');
    return places.length;
  }

  /** The places of all of them, in no order. A list is read by several people at once, and its count with its page. */
  async #placesOf(
    playlistId: string,
    filter: VideoQueryFilter,
    sort: VideoSort,
  ): Promise<readonly VideoPosition[]> {
    return await this.#places.read(JSON.stringify([playlistId, sort, filter]), async () => {
      const places: VideoPosition[] = [];
      for await (const videos of this.byId(playlistId, filter, { [SORT_FIELDS[sort].field]: 1 }))
        places.push(...videos.map((video) => positionOf(video, sort)));
      return places;
    });
  }

  async *#batches(
    places: readonly { readonly id: string }[],
    filter: VideoQueryFilter,
    projection?: Projection,
  ): AsyncGenerator<readonly VideoDocument[], void> {
    for (let start = 0; start < places.length; start += BATCH_SIZE) {
      const videos = await this.#read(places.slice(start, start + BATCH_SIZE), filter, projection);
      if (videos.length > 0) yield videos;
    }
  }

  /** Those of the videos that match, in the order of the places. */
  async #read(
    places: readonly { readonly id: string }[],
    filter: VideoQueryFilter,
    projection: Projection = {},
  ): Promise<VideoDocument[]> {
    const ids = { $in: places.map(({ id }) => id) };
    // At the top level: the stand-in does not look for an index within `$and`.
    const { _id: wanted, ...others } = filter;
    const found = await this.#videos
      .find({ ...others, _id: ids, ...(wanted === undefined ? {} : { $and: [{ _id: wanted }] }) }, projection)
      .lean<VideoDocument[]>();
    const byId = new Map(found.map((video) => [video._id, video]));
    return places.flatMap(({ id }) => byId.get(id) ?? []);
  }

  /** @param order with the playlist, that of an index */
  async #idsOf(
    playlistId: string,
    order: { readonly position: 1 } | { readonly video_id: 1 },
  ): Promise<{ readonly id: string }[]> {
    const items = await this.#items
      .find({ playlist_id: playlistId, removed_at: null }, { video_id: 1 })
      .sort({ playlist_id: 1, ...order })
      .lean<Pick<PlaylistItemDocument, 'video_id'>[]>();
    return items.map((item) => ({ id: item.video_id }));
  }
}
