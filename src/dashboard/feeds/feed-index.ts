import type { Database } from '../../database/database.ts';
import { isStored } from '../../database/playlist-contents.ts';

/** The archived videos of a playlist as its feed has them. */
export interface FeedIndex {
  /** `_id`s of the videos, the newest first. */
  readonly ids: readonly string[];
  /** The latest change to one of its videos; undefined without any. */
  readonly changedAt: Date | undefined;
}

/** How old an index may be: players that ask together share one. */
const KEPT_MS = 30_000;
/** Videos of all kept indexes together; each takes some 60 bytes. */
const MAX_KEPT_VIDEOS = 500_000;

interface Kept {
  readonly madeAt: number;
  readonly index: Promise<FeedIndex>;
  videos: number;
}

/**
 * The order of feeds. It needs a walk through the playlist (a second for 50,000 videos), so an index is kept for half a minute.
 * Also videos that were removed from the playlist at the source are in it: the archive still has them.
 */
export class FeedIndexes {
  readonly #contents: Database['playlistContents'];
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept>();

  constructor(contents: Database['playlistContents'], now: () => number = Date.now) {
    this.#contents = contents;
    this.#now = now;
  }

  async of(playlistId: string): Promise<FeedIndex> {
    const known = this.#kept.get(playlistId);
    if (known !== undefined && this.#now() - known.madeAt < KEPT_MS) return await known.index;
    const kept: Kept = { madeAt: this.#now(), index: this.#read(playlistId), videos: 0 };
    this.#kept.delete(playlistId);
    this.#kept.set(playlistId, kept);
    try {
      const index = await kept.index;
      kept.videos = index.ids.length;
      this.#makeRoom();
      return index;
    } catch (error) {
      if (this.#kept.get(playlistId) === kept) this.#kept.delete(playlistId);
      throw error;
    }
  }

  async #read(playlistId: string): Promise<FeedIndex> {
    const found: { readonly id: string; readonly at: number }[] = [];
    let changedAt = 0;
    for await (const batch of this.#contents.walk(playlistId)) {
      for (const { item, video } of batch) {
        if (video === undefined) continue;
        // A deleted video changes the feed as well.
        changedAt = Math.max(changedAt, video.updated_at.getTime());
        if (isStored(video))
          found.push({ id: video._id, at: (video.published_at ?? item.first_seen_at).getTime() });
      }
    }
    found.sort((one, other) => other.at - one.at || (one.id < other.id ? -1 : 1));
    return { ids: found.map(({ id }) => id), changedAt: changedAt === 0 ? undefined : new Date(changedAt) };
  }

  #makeRoom(): void {
    let videos = 0;
    for (const { videos: count } of this.#kept.values()) videos += count;
    for (const [id, kept] of this.#kept) {
      const isOld = this.#now() - kept.madeAt >= KEPT_MS;
      if (!isOld && videos <= MAX_KEPT_VIDEOS) continue;
      this.#kept.delete(id);
      videos -= kept.videos;
    }
  }
}
