import { definedFields } from '../../domain/defined-fields.ts';
import { isBorder } from '../key-range.ts';
import type { Pages } from '../listing-cursor.ts';

/** A part of a bucket that one worker compares and copies. */
export interface Shard {
  readonly after?: string;
  readonly upTo?: string;
  /** How many objects of the bucket it had when it was cut. */
  readonly keys: number;
}

/** Small enough that several workers have something to do in a small bucket. */
const MIN_KEYS = 250;
/** Large enough that a job costs little against its listings. */
const MAX_KEYS = 10_000;
/** Of the objects listed so far, a shard has this share at most: the last ones do not keep one worker busy alone. */
const SHARE = 1 / 16;
/** Large objects take longer: a shard is also cut at so many bytes. */
const MAX_BYTES = 10 * 1024 ** 3;

/**
 * Cuts a bucket into shards while its listing arrives. Together they have every possible name once, also those that are
 * written after the listing, and those that only the container has.
 * @param pages the listing of the bucket, in its order.
 * @throws the error of the listing.
 */
export async function* splitBucket(pages: Pages): AsyncGenerator<Shard, void> {
  let after: string | undefined;
  let listed = 0;
  let keys = 0;
  let bytes = 0;
  for await (const page of pages) {
    for (const { name, sizeBytes } of page) {
      listed += 1;
      keys += 1;
      bytes += sizeBytes;
      const isFull = keys >= Math.min(MAX_KEYS, Math.max(MIN_KEYS, listed * SHARE)) || bytes >= MAX_BYTES;
      if (!isFull || !isBorder(name) || (after !== undefined && name <= after)) continue;
      yield { ...definedFields({ after }), upTo: name, keys };
      after = name;
      keys = bytes = 0;
    }
  }
  // The last has no end; with an empty bucket it is the only one.
  yield { ...definedFields({ after }), keys };
}
