import type { PlaylistDocument, PlaylistItemDocument } from './collections/playlist.ts';
import type { Model } from 'mongoose';
import { definedFields } from '../domain/defined-fields.ts';
import type { JobError } from '../domain/job-errors.ts';
import { videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import { failureFields } from './collections/failure.ts';
import { Repository } from './repository.ts';
import { unlessDuplicateKey } from './server-errors.ts';

/** The result of one listing of a playlist. */
export interface ExpansionResult {
  readonly title?: string;
  readonly announcedCount?: number;
  readonly foundCount: number;
  /** All requested entries were read, without a problem. */
  readonly complete: boolean;
  /** The list was read to its end; false for a pass that reads only the newest entries. */
  readonly isWhole: boolean;
  readonly nextExpandAt: Date;
}

/** A playlist that a list of playlists contains. */
export interface NestedState {
  readonly id: string;
  readonly enabled: boolean;
  /** Whether it was not known before. */
  readonly isNew: boolean;
}

/** Playlists, their videos, and how complete the last listing was. */
export class PlaylistRepository extends Repository<PlaylistDocument> {
  readonly #items: Model<PlaylistItemDocument>;

  constructor(playlists: Model<PlaylistDocument>, items: Model<PlaylistItemDocument>) {
    super(playlists);
    this.#items = items;
  }

  /**
   * Makes sure that the playlist is known. One that a person paused or forgot stays so.
   * @param expandAt when a new playlist is listed again if its first pass, which is about to begin, does not end.
   */
  async register(playlist: { readonly id: string; readonly url: string }, expandAt: Date): Promise<void> {
    await this.model.updateOne(
      { _id: playlist.id },
      { $set: { url: playlist.url }, $setOnInsert: { enabled: true, next_expand_at: expandAt } },
      { upsert: true },
    );
  }

  /**
   * Makes sure that playlists found in a list of playlists are known. Those that are known stay as they are, disabled ones
   * too.
   * @param expandAt when a new playlist is expanded at the latest.
   * @returns the states of all.
   */
  async registerNested(
    listId: string,
    playlists: readonly { readonly id: string; readonly url: string }[],
    expandAt: Date,
  ): Promise<NestedState[]> {
    const ids = playlists.map(({ id }) => id);
    const known = new Set((await this.nestedStates(ids)).map(({ id }) => id));
    const operations = playlists.map(({ id, url }) => ({
      updateOne: {
        filter: { _id: id },
        update: { $setOnInsert: { url, enabled: true, listed_by: listId, next_expand_at: expandAt } },
        upsert: true,
      },
    }));
    await unlessDuplicateKey(this.model.bulkWrite(operations, { ordered: false }));
    return (await this.nestedStates(ids)).map((state) => ({ ...state, isNew: !known.has(state.id) }));
  }

  /** Which of these playlists are known, and whether they are enabled. */
  async nestedStates(ids: readonly string[]): Promise<Omit<NestedState, 'isNew'>[]> {
    const found = await this.model
      .find({ _id: { $in: ids } }, { enabled: 1 })
      .lean<Pick<PlaylistDocument, '_id' | 'enabled'>[]>();
    return found.map(({ _id: id, enabled }) => ({ id, enabled }));
  }

  /** How many entries earlier listings found that have not been removed since: videos, or playlists. */
  async countKnown(id: string): Promise<number> {
    const [items, playlists] = await Promise.all([
      this.#items.countDocuments({ playlist_id: id, removed_at: null }),
      this.model.countDocuments({ listed_by: id }),
    ]);
    return items + playlists;
  }

  /** All but the forgotten ones. */
  async all(): Promise<PlaylistDocument[]> {
    return await this.model.find({ forgotten_at: null }).sort({ _id: 1 }).lean();
  }

  /** Enabled playlists whose next pass is due. */
  async due(now: Date): Promise<PlaylistDocument[]> {
    return await this.model.find({ enabled: true, next_expand_at: { $lte: now } }).lean();
  }

  /** Records title and announced count as soon as the listing has them. */
  async describe(
    id: string,
    header: { readonly title?: string; readonly announcedCount?: number },
  ): Promise<void> {
    await this.model.updateOne(
      { _id: id },
      { $set: definedFields({ title: header.title, announced_count: header.announcedCount }) },
    );
  }

  /** Records that the playlist contains these videos at these positions. */
  async recordItems(
    playlistId: string,
    items: readonly { readonly key: VideoKey; readonly position: number }[],
    seenAt: Date,
  ): Promise<void> {
    if (items.length === 0) return;
    await this.#items.bulkWrite(
      items.map(({ key, position }) => ({
        updateOne: {
          filter: { _id: `${playlistId}/${videoDocumentId(key)}` },
          update: {
            $set: { position, last_seen_at: seenAt },
            $setOnInsert: { playlist_id: playlistId, video_id: videoDocumentId(key), first_seen_at: seenAt },
            $unset: { removed_at: 1 },
          },
          upsert: true,
        },
      })),
      { ordered: false },
    );
  }

  /**
   * Records a finished pass. Only a complete pass over the whole list marks the items that it did not see as removed.
   * @param startedAt the `seenAt` of the items of this pass.
   */
  async recordExpansion(id: string, startedAt: Date, result: ExpansionResult): Promise<void> {
    await this.model.updateOne(
      { _id: id },
      {
        $set: {
          ...definedFields({ title: result.title }),
          announced_count: result.announcedCount ?? null,
          found_count: result.foundCount,
          complete: result.complete,
          last_expanded_at: startedAt,
          next_expand_at: result.nextExpandAt,
          failed_passes: 0,
        },
        $unset: { error: 1 },
      },
    );
    if (!result.complete || !result.isWhole) return;
    await this.#items.updateMany(
      { playlist_id: id, last_seen_at: { $lt: startedAt }, removed_at: null },
      { $set: { removed_at: startedAt } },
    );
  }

  /** Records a pass that failed; what earlier passes found stays. */
  async recordFailure(id: string, error: JobError, nextExpandAt: Date): Promise<void> {
    await this.model.updateOne(
      { _id: id },
      {
        $set: {
          complete: false,
          next_expand_at: nextExpandAt,
          error: failureFields(error, new Date()),
        },
        $inc: { failed_passes: 1 },
      },
    );
  }

  /** The playlist's items in order, without those removed at the site. */
  async items(playlistId: string): Promise<PlaylistItemDocument[]> {
    return await this.#items.find({ playlist_id: playlistId, removed_at: null }).sort({ position: 1 }).lean();
  }
}
