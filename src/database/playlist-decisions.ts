import type { Model } from 'mongoose';
import { parseVideoDocumentId, type VideoKey } from '../domain/video-key.ts';
import type {
  PlaylistDocument,
  PlaylistItemDocument,
  PlaylistSettingsDocument,
} from './collections/playlist.ts';

/** Playlist ids looked up together. */
const BATCH = 500;

/** Where a video stands in a playlist. */
export interface PlaylistPlace {
  readonly id: string;
  readonly title: string;
  readonly position: number;
  /** When a listing found it there for the first time. */
  readonly since: Date;
  /** The list does not contain it any more. */
  readonly isRemoved: boolean;
}

/** What people decide about playlists, and which of them a playlist file names. All changes are safe to repeat. */
export class PlaylistDecisions {
  readonly #playlists: Model<PlaylistDocument>;
  readonly #items: Model<PlaylistItemDocument>;

  constructor(playlists: Model<PlaylistDocument>, items: Model<PlaylistItemDocument>) {
    this.#playlists = playlists;
    this.#items = items;
  }

  /** The playlist and, if it is a list of playlists, those that were found in it and that no file names. */
  async withNested(id: string): Promise<string[]> {
    const nested = await this.#playlists
      .find({ listed_by: id, from_file: { $ne: true } }, { _id: 1 })
      .lean<Pick<PlaylistDocument, '_id'>[]>();
    return [id, ...nested.map(({ _id }) => _id)];
  }

  /** They are not read any more until they are resumed. */
  async pause(ids: readonly string[]): Promise<void> {
    await this.#playlists.updateMany({ _id: { $in: ids }, forgotten_at: null }, { $set: { enabled: false } });
  }

  /** Paused and forgotten ones are read again, now. */
  async resume(ids: readonly string[]): Promise<void> {
    await this.#playlists.updateMany(
      { _id: { $in: ids } },
      { $set: { enabled: true, next_expand_at: new Date() }, $unset: { forgotten_at: 1 } },
    );
  }

  /** They are not read any more, and no line of a file brings them back. */
  async forget(ids: readonly string[]): Promise<void> {
    await this.#playlists.updateMany(
      { _id: { $in: ids } },
      { $set: { enabled: false, forgotten_at: new Date() }, $unset: { from_file: 1 } },
    );
  }

  /** Replaces the settings of a playlist. */
  async set(id: string, settings: PlaylistSettingsDocument): Promise<void> {
    await this.#playlists.updateOne({ _id: id }, { $set: { settings } });
  }

  /** Removes what a forgotten playlist contained. */
  async removeItems(id: string): Promise<void> {
    await this.#items.deleteMany({ playlist_id: id });
  }

  /** Records that the playlist file names these playlists. */
  async markInFile(ids: readonly string[]): Promise<void> {
    for (let start = 0; start < ids.length; start += BATCH) {
      await this.#playlists.updateMany(
        { _id: { $in: ids.slice(start, start + BATCH) }, from_file: { $ne: true }, forgotten_at: null },
        { $set: { from_file: true } },
      );
    }
  }

  /** The playlists that the playlist file named when it was last read, without the forgotten ones. */
  async inFile(): Promise<Pick<PlaylistDocument, '_id' | 'title' | 'url'>[]> {
    return await this.#playlists
      .find({ from_file: true, forgotten_at: null }, { title: 1, url: 1 })
      .sort({ _id: 1 })
      .lean<Pick<PlaylistDocument, '_id' | 'title' | 'url'>[]>();
  }

  /** The videos of a playlist that no other playlist contains, in batches; forgotten playlists do not count. */
  async *videosOnlyIn(id: string, forgotten: readonly string[]): AsyncGenerator<VideoKey[], void> {
    let lastId = '';
    for (;;) {
      const items = await this.#items
        .find({ playlist_id: id, _id: { $gt: lastId } }, { video_id: 1 })
        .sort({ _id: 1 })
        .limit(BATCH)
        .lean<Pick<PlaylistItemDocument, '_id' | 'video_id'>[]>();
      const last = items.at(-1);
      if (last === undefined) return;
      lastId = last._id;
      const ids = items.map(({ video_id: videoId }) => videoId);
      const shared = await this.#inOtherPlaylists(ids, [id, ...forgotten]);
      yield ids
        .filter((videoId) => !shared.has(videoId))
        .flatMap((videoId) => parseVideoDocumentId(videoId) ?? []);
    }
  }

  async #inOtherPlaylists(
    videoIds: readonly string[],
    except: readonly string[],
  ): Promise<ReadonlySet<string>> {
    const others = await this.#items
      .find({ video_id: { $in: videoIds }, playlist_id: { $nin: except } }, { video_id: 1, playlist_id: 1 })
      .lean<Pick<PlaylistItemDocument, 'video_id' | 'playlist_id'>[]>();
    const wanted = await this.#playlists
      .find(
        { _id: { $in: [...new Set(others.map((item) => item.playlist_id))] }, forgotten_at: null },
        { _id: 1 },
      )
      .lean<Pick<PlaylistDocument, '_id'>[]>();
    const wantedIds = new Set(wanted.map(({ _id }) => _id));
    return new Set(others.filter((item) => wantedIds.has(item.playlist_id)).map((item) => item.video_id));
  }

  /** The ids of the playlists that contain a video. */
  async containing(videoDocumentId: string): Promise<string[]> {
    const items = await this.#items
      .find({ video_id: videoDocumentId, removed_at: null }, { playlist_id: 1 })
      .lean<Pick<PlaylistItemDocument, 'playlist_id'>[]>();
    return items.map((item) => item.playlist_id);
  }

  /** The playlists that contain a video, or did, with its place in each; at most `limit`. */
  async placesOf(videoDocumentId: string, limit: number): Promise<PlaylistPlace[]> {
    const items = await this.#items
      .find({ video_id: videoDocumentId })
      .limit(limit)
      .lean<PlaylistItemDocument[]>();
    const playlists = await this.#playlists
      .find({ _id: { $in: items.map((item) => item.playlist_id) } }, { title: 1 })
      .lean<Pick<PlaylistDocument, '_id' | 'title'>[]>();
    const titles = new Map(playlists.map(({ _id, title }) => [_id, title ?? undefined]));
    return items.map(({ playlist_id: id, position, first_seen_at: since, removed_at: removedAt }) => ({
      ...{ id, title: titles.get(id) ?? id, position, since },
      isRemoved: removedAt !== undefined && removedAt !== null,
    }));
  }
}
