import type { Model, QueryFilter } from 'mongoose';
import { VIDEO_STATUSES } from '../domain/video-status.ts';
import { recordOf } from '../domain/defined-fields.ts';
import { BatchedCalls } from '../runtime/batched-calls.ts';
import { JoinedReads } from '../runtime/joined-reads.ts';
import type {
  PlaylistDocument,
  PlaylistFiguresDocument,
  PlaylistItemDocument,
  PlaylistSettingsDocument,
} from './collections/playlist.ts';
import type { VideoDocument } from './collections/video.ts';
import { LISTED } from './video-page.ts';
import { isArchived } from './video-search.ts';

/** Which items of a playlist are listed: `removed` at the source, or `unseen` by a last reading that was not complete. */
export const ITEM_SELECTIONS = ['all', 'removed', 'unseen'] as const;
export type ItemSelection = (typeof ITEM_SELECTIONS)[number];

/** A place in the list of items, in the order of the playlist. */
export interface ItemCursor {
  readonly position: number;
  readonly id: string;
}

export interface PlaylistItem {
  readonly item: PlaylistItemDocument;
  /** Undefined when the record of the video was lost. */
  readonly video: VideoDocument | undefined;
}

interface ItemPage {
  readonly items: readonly PlaylistItem[];
  readonly next: ItemCursor | undefined;
}

/** What a walk through a playlist reads of each item. */
export interface WalkedItem {
  readonly item: Pick<PlaylistItemDocument, 'video_id' | 'first_seen_at' | 'last_seen_at' | 'removed_at'>;
  readonly video: WalkedVideo | undefined;
}

type WalkedVideo = Pick<
  VideoDocument,
  '_id' | 'status' | 'skip_reason' | 'audio' | 'published_at' | 'updated_at'
>;

const WALK_BATCH = 1_000;
const MOST_KNOWN_SETTINGS = 1_000;
const ITEM_FIELDS = { video_id: 1, first_seen_at: 1, last_seen_at: 1, removed_at: 1 } as const;
const VIDEO_FIELDS = {
  status: 1,
  skip_reason: 1,
  published_at: 1,
  updated_at: 1,
  'audio.key': 1,
  'audio.size': 1,
  'audio.duration': 1,
} as const;

/** What playlists contain, each item with its video. Every query is answered from an index. */
export class PlaylistContents {
  readonly #playlists: Model<PlaylistDocument>;
  readonly #items: Model<PlaylistItemDocument>;
  readonly #videos: Model<VideoDocument>;
  readonly #pages = new JoinedReads<ItemPage>();
  /** What jobs look up at nearly the same time is one request. */
  readonly #settings = new BatchedCalls<string, PlaylistSettingsDocument | undefined>(async (ids) => {
    const found = await this.#playlists
      .find({ _id: { $in: ids } }, { settings: 1 })
      .lean<Pick<PlaylistDocument, '_id' | 'settings'>[]>();
    const byId = new Map(found.map(({ _id, settings }) => [_id, settings ?? undefined]));
    return ids.map((id) => byId.get(id));
  });
  /** Jobs of the same time are of few playlists. */
  readonly #knownSettings = new Map<
    string,
    { readonly readAt: number; readonly settings: PlaylistSettingsDocument | undefined }
  >();

  constructor(
    playlists: Model<PlaylistDocument>,
    items: Model<PlaylistItemDocument>,
    videos: Model<VideoDocument>,
  ) {
    this.#playlists = playlists;
    this.#items = items;
    this.#videos = videos;
  }

  /** One page of the items in the order of the playlist, removed ones included. */
  async page(
    playlist: Pick<PlaylistDocument, '_id' | 'last_expanded_at'>,
    selection: ItemSelection,
    limit: number,
    after: ItemCursor | undefined,
  ): Promise<ItemPage> {
    const { _id: id, last_expanded_at: lastRead } = playlist;
    // Those who look at the same page at the same time share its reading.
    return await this.#pages.read(JSON.stringify([id, lastRead, selection, limit, after]), () =>
      this.#readPage(playlist, selection, limit, after),
    );
  }

  async #readPage(
    playlist: Pick<PlaylistDocument, '_id' | 'last_expanded_at'>,
    selection: ItemSelection,
    limit: number,
    after: ItemCursor | undefined,
  ): Promise<ItemPage> {
    // All at the top level: the stand-in does not look for an index within `$and`.
    const filter: QueryFilter<PlaylistItemDocument> = {
      playlist_id: playlist._id,
      ...selectionQuery(selection, playlist.last_expanded_at),
    };
    if (after !== undefined) {
      const { position, id } = after;
      filter.$or = [{ position: { $gt: position } }, { position, _id: { $gt: id } }];
    }
    const found = await this.#items
      .find(filter)
      .sort({ position: 1, _id: 1 })
      .limit(limit + 1)
      .lean<PlaylistItemDocument[]>();
    const items = found.slice(0, limit);
    const videos = await this.#videos
      .find({ _id: { $in: items.map((item) => item.video_id) } }, LISTED)
      .lean<VideoDocument[]>();
    const byId = new Map(videos.map((video) => [video._id, video]));
    const last = found.length > limit ? items.at(-1) : undefined;
    return {
      items: items.map((item) => ({ item, video: byId.get(item.video_id) })),
      next: last && { position: last.position, id: last._id },
    };
  }

  /** Every item of a playlist, removed ones included, in batches; memory does not grow with their number. */
  async *walk(playlistId: string): AsyncGenerator<readonly WalkedItem[], void> {
    let lastId = '';
    for (;;) {
      const items = await this.#items
        .find({ playlist_id: playlistId, video_id: { $gt: lastId } }, ITEM_FIELDS)
        .sort({ playlist_id: 1, video_id: 1 })
        .limit(WALK_BATCH)
        .lean<WalkedItem['item'][]>();
      const ids = items.map((item) => item.video_id);
      const videos = await this.#videos.find({ _id: { $in: ids } }, VIDEO_FIELDS).lean<WalkedVideo[]>();
      const byId = new Map(videos.map((video) => [video._id, video]));
      yield items.map((item) => ({ item, video: byId.get(item.video_id) }));
      const last = ids.at(-1);
      if (last === undefined || ids.length < WALK_BATCH) return;
      lastId = last;
    }
  }

  /** Counts the items of a playlist anew and keeps the result in its record. */
  async recount(playlist: PlaylistDocument, signal?: AbortSignal): Promise<PlaylistFiguresDocument> {
    const statuses = recordOf(VIDEO_STATUSES, () => 0);
    const at = new Date();
    const lastRead = playlist.complete === false ? playlist.last_expanded_at : undefined;
    let [removed, unseen, seconds, bytes] = [0, 0, 0, 0];
    for await (const batch of this.walk(playlist._id)) {
      signal?.throwIfAborted();
      for (const { item, video } of batch) {
        if (item.removed_at) removed += 1;
        else if (lastRead && item.last_seen_at < lastRead) unseen += 1;
        if (video === undefined) continue;
        statuses[video.status] += 1;
        if (!isStored(video)) continue;
        seconds += video.audio?.duration ?? 0;
        bytes += video.audio?.size ?? 0;
      }
    }
    const figures = { at, ...statuses, removed, unseen, seconds, bytes };
    await this.#playlists.updateOne({ _id: playlist._id }, { $set: { figures } });
    return figures;
  }

  /** Whether a playlist contains a video, now or before it was removed at the source. @param playlistId left out: any */
  async contains(videoDocumentId: string, playlistId?: string): Promise<boolean> {
    const filter =
      playlistId === undefined
        ? { video_id: videoDocumentId }
        : { playlist_id: playlistId, video_id: videoDocumentId };
    return (await this.#items.findOne(filter, { _id: 1 }).lean()) !== null;
  }

  /** Videos by their `_id`, in the order of the ids; those that are not archived are left out. */
  async archivedVideos(ids: readonly string[]) {
    const found = await this.#videos.find({ _id: { $in: ids } }).lean<VideoDocument[]>();
    const byId = new Map(found.filter(isArchived).map((video) => [video._id, video]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }

  /**
   * The settings that a video is downloaded with: those of the playlist that took it in; for a record that does not name it,
   * of the first that contained it.
   * @param maxAgeMs how old they may be
   */
  async settingsFor(video: VideoDocument, maxAgeMs = 0): Promise<PlaylistSettingsDocument | undefined> {
    const playlistId = video.taken_in_by ?? (await this.#firstContaining(video._id));
    if (playlistId === undefined) return undefined;
    const known = this.#knownSettings.get(playlistId);
    if (known !== undefined && performance.now() - known.readAt < maxAgeMs) return known.settings;
    const readAt = performance.now();
    const settings = await this.#settings.call(playlistId);
    if (this.#knownSettings.size >= MOST_KNOWN_SETTINGS) this.#knownSettings.clear();
    this.#knownSettings.set(playlistId, { readAt, settings });
    return settings;
  }

  async #firstContaining(videoDocumentId: string): Promise<string | undefined> {
    const [first] = await this.#items
      .find({ video_id: videoDocumentId }, { playlist_id: 1 })
      .sort({ first_seen_at: 1, _id: 1 })
      .limit(1)
      .lean<Pick<PlaylistItemDocument, 'playlist_id'>[]>();
    return first?.playlist_id;
  }

  /**
   * The strongest priority that the settings of any playlist give to these videos, by their `_id`; without those that have
   * none.
   */
  async priorities(videoDocumentIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const playlists = await this.#playlists
      .find({ 'settings.priority': { $gt: 0 }, forgotten_at: null }, { 'settings.priority': 1 })
      .lean<Pick<PlaylistDocument, '_id' | 'settings'>[]>();
    const strongest = new Map<string, number>();
    if (playlists.length === 0) return strongest;
    const priorityOf = new Map(playlists.map(({ _id, settings }) => [_id, settings?.priority ?? Infinity]));
    const items = await this.#items
      .find(
        { video_id: { $in: videoDocumentIds }, playlist_id: { $in: [...priorityOf.keys()] } },
        { video_id: 1, playlist_id: 1 },
      )
      .lean<Pick<PlaylistItemDocument, 'video_id' | 'playlist_id'>[]>();
    for (const { video_id: id, playlist_id: playlistId } of items) {
      const priority = priorityOf.get(playlistId) ?? Infinity;
      if (priority < (strongest.get(id) ?? Infinity)) strongest.set(id, priority);
    }
    return strongest;
  }
}

/** Whether its object is in the bucket, by the few fields of a walk. */
export function isStored(video: WalkedVideo): boolean {
  return video.audio?.key !== undefined && video.skip_reason !== 'deleted';
}

function selectionQuery(
  selection: ItemSelection,
  lastRead: Date | null | undefined,
): QueryFilter<PlaylistItemDocument> {
  switch (selection) {
    case 'all':
      return {};
    case 'removed':
      return { removed_at: { $ne: null } };
    case 'unseen':
      return { removed_at: null, last_seen_at: { $lt: lastRead ?? new Date(0) } };
  }
}
