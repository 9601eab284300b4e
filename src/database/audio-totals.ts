import type { Model } from 'mongoose';
import type { AudioTotalDocument } from './collections/audio-total.ts';
import type { VideoDocument } from './collections/video.ts';
import { Repository } from './repository.ts';
import { unlessDuplicateKey } from './server-errors.ts';

/** The audio in the bucket. */
export interface AudioSum {
  readonly videos: number;
  readonly seconds: number;
  readonly bytes: number;
}

interface Slice extends AudioSum {
  /** The `_id` of its last video, counted or not. */
  readonly last: string;
  readonly read: number;
}

const ID = 'stored';
const NOTHING: AudioSum = { videos: 0, seconds: 0, bytes: 0 };
/** Videos whose audio is in the bucket: those, and those of which only the copy to the mirror has failed. */
const IN_BUCKET = ['stored', 'mirrored'] as const;
const NOT_MIRRORED = ['retrying', 'failed'] as const;
/** As an expression of an aggregation. */
const HAS_AUDIO = {
  $or: [
    { $in: ['$status', IN_BUCKET] },
    { $and: [{ $in: ['$status', NOT_MIRRORED] }, { $eq: ['$error.stage', 'sync'] }] },
  ],
};
/** Videos that one query reads. mongo-java-server reads all of them for each slice, so fewer and larger ones are faster. */
const SLICE_SIZE = 20_000;
/** A count that takes longer reads more than fits into memory; it rests, so that it takes 5 % of the time at most. */
const LONG_MS = 5_000;
const REST_FACTOR = 20;
/** How far the clocks of two workers may differ before a video is missed until the next count. */
const CLOCK_MARGIN_MS = 10 * 60_000;

/**
 * The hours and bytes of the audio in the bucket: a sum that reconcile keeps, of all that was stored before a moment, and
 * what was stored since, which is read from an index. So a video counts as soon as it is stored. One that is deleted, or
 * downloaded again, no longer counts from the next count on.
 *
 * A count writes one document at its end, absolutely: a count that is cut off changes nothing, two at once write the same,
 * and the one with the later moment stays.
 */
export class AudioTotals extends Repository<AudioTotalDocument> {
  readonly #videos: Model<VideoDocument>;
  readonly #sliceSize: number;

  constructor(model: Model<AudioTotalDocument>, videos: Model<VideoDocument>, sliceSize = SLICE_SIZE) {
    super(model);
    this.#videos = videos;
    this.#sliceSize = sliceSize;
  }

  /** The audio in the bucket now. Before the first count, all videos are read. */
  async read(): Promise<AudioSum> {
    const kept = await this.findById(ID);
    const [sum] = await this.#videos.aggregate<AudioSum>([
      {
        $match: {
          // First, because mongo-java-server compares in this order.
          ...(kept === undefined ? {} : { stored_at: { $gte: kept.stored_before } }),
          status: { $in: [...IN_BUCKET, ...NOT_MIRRORED] },
        },
      },
      { $group: { _id: null, ...sumIf(HAS_AUDIO) } },
    ]);
    return added(kept ?? NOTHING, sum ?? NOTHING);
  }

  /** Counts anew, unless the last count took so long that it is not due yet. @returns what is kept now */
  async renew(now: Date, signal: AbortSignal): Promise<AudioSum> {
    const kept = await this.findById(ID);
    const tookMs = kept?.took_ms ?? 0;
    if (kept === undefined || tookMs < LONG_MS) return await this.count(now, signal);
    const ageMs = now.getTime() - CLOCK_MARGIN_MS - kept.stored_before.getTime();
    return ageMs < REST_FACTOR * tookMs ? kept : await this.count(now, signal);
  }

  /**
   * Counts anew, in slices of bounded size in the order of `_id`, which never changes: each video is read once.
   * @returns what is kept now: the audio stored up to ten minutes before `now`
   */
  async count(now: Date, signal: AbortSignal): Promise<AudioSum> {
    const before = new Date(now.getTime() - CLOCK_MARGIN_MS);
    const startedAt = performance.now();
    let sum = NOTHING;
    let last: string | undefined;
    for (;;) {
      signal.throwIfAborted();
      const slice = await this.#sumSlice(last, before);
      if (slice === undefined) break;
      sum = added(sum, slice);
      last = slice.last;
      if (slice.read < this.#sliceSize) break;
    }
    await unlessDuplicateKey(
      this.model.updateOne(
        { _id: ID, stored_before: { $lt: before } },
        { $set: { ...sum, stored_before: before, took_ms: performance.now() - startedAt } },
        { upsert: true },
      ),
    );
    return sum;
  }

  async #sumSlice(after: string | undefined, before: Date): Promise<Slice | undefined> {
    // Records of earlier versions do not say when.
    const isBefore = { $lt: [{ $ifNull: ['$stored_at', new Date(0)] }, before] };
    const [slice] = await this.#videos.aggregate<Slice>([
      // The filter stands in the sums and not here, so that the index on `_id` alone leads.
      ...(after === undefined ? [] : [{ $match: { _id: { $gt: after } } }]),
      { $sort: { _id: 1 } },
      { $limit: this.#sliceSize },
      {
        $group: {
          _id: null,
          last: { $max: '$_id' },
          read: { $sum: 1 },
          ...sumIf({ $and: [HAS_AUDIO, isBefore] }),
        },
      },
    ]);
    return slice;
  }
}

/** The sums over the videos for which an expression is true. */
function sumIf(condition: object) {
  const sum = (value: unknown) => ({ $sum: { $cond: [condition, value, 0] } });
  return { videos: sum(1), seconds: sum('$audio.duration'), bytes: sum('$audio.size') };
}

function added(one: AudioSum, other: AudioSum): AudioSum {
  return {
    videos: one.videos + other.videos,
    seconds: one.seconds + other.seconds,
    bytes: one.bytes + other.bytes,
  };
}
