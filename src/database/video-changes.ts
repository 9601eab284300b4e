import type { Model, QueryFilter, UpdateQuery } from 'mongoose';
import { BatchedCalls } from '../runtime/batched-calls.ts';
import type { VideoDocument } from './collections/video.ts';
import { isDatabaseUnavailable } from './server-errors.ts';

/** A change of one video, which applies only while the video is in the state that the filter says. */
export interface VideoChange {
  readonly filter: QueryFilter<VideoDocument> & { readonly _id: string };
  readonly update: UpdateQuery<VideoDocument> & {
    readonly $set: { readonly status: VideoDocument['status']; readonly updated_at: Date };
  };
}

/** Changes that jobs make at nearly the same time, as one request. Each is atomic for itself. */
export class VideoChanges {
  readonly #videos: Model<VideoDocument>;
  readonly #batches = new BatchedCalls<VideoChange, boolean>((changes) => this.#applyAll(changes));

  constructor(videos: Model<VideoDocument>) {
    this.#videos = videos;
  }

  /** @param patienceMs how long it may wait for others. @returns whether the video was in that state. */
  async apply(change: VideoChange, patienceMs?: number): Promise<boolean> {
    return await this.#batches.call(change, patienceMs);
  }

  async #applyAll(changes: readonly VideoChange[]): Promise<readonly (boolean | Promise<boolean>)[]> {
    const isOfOneEach = new Set(changes.map(({ filter }) => filter._id)).size === changes.length;
    if (changes.length === 1 || !isOfOneEach) return changes.map((change) => this.#applyOne(change));
    try {
      const operations = changes.map(({ filter, update }) => ({ updateOne: { filter, update } }));
      const { matchedCount } = await this.#videos.bulkWrite(operations, { ordered: false });
      if (matchedCount === changes.length) return changes.map(() => true);
    } catch (error) {
      if (isDatabaseUnavailable(error)) throw error;
      // One of them was refused; the others were made.
    }
    return await this.#whichApplied(changes);
  }

  /**
   * MongoDB tells how many of a batch applied and not which. One that did left its time; what did not apply is tried alone, and
   * says so again. (Two processes that bring one video into the same status within the same millisecond both win: what they do
   * then is the same.)
   */
  async #whichApplied(changes: readonly VideoChange[]): Promise<readonly (boolean | Promise<boolean>)[]> {
    const found = await this.#videos
      .find({ _id: { $in: changes.map(({ filter }) => filter._id) } }, { status: 1, updated_at: 1 })
      .lean<Pick<VideoDocument, '_id' | 'status' | 'updated_at'>[]>();
    const byId = new Map(found.map((video) => [video._id, video]));
    return changes.map((change) => {
      const { status, updated_at: at } = change.update.$set as Pick<VideoDocument, 'status' | 'updated_at'>;
      const video = byId.get(change.filter._id);
      const isApplied = video?.status === status && video.updated_at.getTime() === at.getTime();
      return isApplied || this.#applyOne(change);
    });
  }

  async #applyOne({ filter, update }: VideoChange): Promise<boolean> {
    return (await this.#videos.updateOne(filter, update)).matchedCount > 0;
  }
}
