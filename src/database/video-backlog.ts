import { parseVideoDocumentId, videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import type { VideoDocument } from './collections/video.ts';
import { Repository } from './repository.ts';

/** One number orders the backlog by priority, then by turn, so that one index has that order. */
const TURNS = 1e12;

/** A video that waits for its download job. */
export interface WaitingVideo {
  readonly key: VideoKey;
  readonly round: number;
  /** 0 is the first; see src/domain/download-priority.ts. */
  readonly priority: number;
  /** Of the videos of one priority, those of a smaller turn come first. */
  readonly turn: number;
}

/** One as the backlog has it. */
export interface BacklogVideo extends WaitingVideo {
  readonly since: Date;
}

/** Where a video is on its way to its download. */
interface BacklogPlace {
  /** Whether it still waits for its job. */
  readonly isWaiting: boolean;
  /** With which it was last put into the backlog; undefined when it never was. */
  readonly priority: number | undefined;
}

type BacklogDocument = Pick<VideoDocument, '_id' | 'round' | 'updated_at' | 'backlog_order'>;
const FIELDS = { round: 1, updated_at: 1, backlog_order: 1 } as const;

/**
 * The videos that wait for a download job: those with the status `discovered` and a place in the order. MongoDB has all of them;
 * Redis has the jobs of the next ones only. A place counts with that status alone, so that no other change needs to remove it.
 */
export class VideoBacklog extends Repository<VideoDocument> {
  /** Gives videos that are to be downloaded their places; a video that has changed since is left alone. Safe to repeat. */
  async put(videos: readonly WaitingVideo[]): Promise<void> {
    if (videos.length === 0) return;
    await this.model.bulkWrite(
      videos.map(({ key, round, priority, turn }) => ({
        updateOne: {
          filter: { _id: videoDocumentId(key), round, status: 'discovered' as const },
          update: { $set: { backlog_order: priority * TURNS + turn, download_priority: priority } },
        },
      })),
      { ordered: false },
    );
  }

  /** The first in the order. */
  async first(limit: number): Promise<BacklogVideo[]> {
    return await this.#inOrder({ $gte: 0 }, limit);
  }

  /** The first turn of one priority; undefined when none of it waits. */
  async firstTurn(priority: number): Promise<number | undefined> {
    const [first] = await this.#inOrder({ $gte: priority * TURNS, $lt: (priority + 1) * TURNS }, 1);
    return first?.turn;
  }

  /** These have their jobs. A video that was given another place meanwhile keeps it. */
  async remove(videos: readonly WaitingVideo[]): Promise<void> {
    if (videos.length === 0) return;
    await this.model.bulkWrite(
      videos.map(({ key, priority, turn }) => ({
        updateOne: {
          filter: { _id: videoDocumentId(key), backlog_order: priority * TURNS + turn },
          update: { $unset: { backlog_order: 1 as const } },
        },
      })),
      { ordered: false },
    );
  }

  /** How many wait. */
  async count(): Promise<number> {
    return await this.model.countDocuments({ status: 'discovered', backlog_order: { $gte: 0 } });
  }

  /** Where these videos are, by their `_id`; unknown ones are left out. */
  async placesOf(keys: readonly VideoKey[]): Promise<ReadonlyMap<string, BacklogPlace>> {
    if (keys.length === 0) return new Map();
    const found = await this.model
      .find({ _id: { $in: keys.map(videoDocumentId) } }, { backlog_order: 1, download_priority: 1 })
      .lean<Pick<VideoDocument, '_id' | 'backlog_order' | 'download_priority'>[]>();
    return new Map(
      found.map(({ _id, backlog_order: order, download_priority: priority }) => [
        _id,
        { isWaiting: typeof order === 'number', priority: priority ?? undefined },
      ]),
    );
  }

  async #inOrder(order: { readonly $gte: number; readonly $lt?: number }, limit: number) {
    for (;;) {
      const found = await this.model
        .find({ status: 'discovered', backlog_order: order }, FIELDS)
        .sort({ status: 1, backlog_order: 1, _id: 1 })
        .limit(limit)
        .lean<BacklogDocument[]>();
      const foreign = found.filter(({ _id }) => parseVideoDocumentId(_id) === undefined);
      if (foreign.length === 0) return found.flatMap(waiting);
      // Another program inserted them. No job can have their ids, and they must not stand before those that can.
      await this.model.updateMany(
        { _id: { $in: foreign.map(({ _id }) => _id) } },
        { $unset: { backlog_order: 1 } },
      );
    }
  }
}

function waiting({ _id, round, backlog_order: order, updated_at: since }: BacklogDocument): BacklogVideo[] {
  const key = parseVideoDocumentId(_id);
  if (key === undefined || typeof order !== 'number') return [];
  return [{ key, round, priority: Math.floor(order / TURNS), turn: order % TURNS, since }];
}
