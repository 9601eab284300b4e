import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../../src/database/database.ts';
import type { JobQueues } from '../../../src/queues/job-queues.ts';
import { itemId } from '../items.ts';

const EVERY_MS = 1_000;

export interface FeedOptions {
  readonly database: Database;
  readonly queues: JobQueues;
  /** Items a second. */
  readonly rate: number;
  readonly untilMs: number;
  readonly signal: AbortSignal;
}

/**
 * Adds new items at an even rate, as a producer does: first the records, then the jobs. Delays of a busy machine are
 * made up for, so that all runs of one length and rate have the same number of items.
 * @returns how many there are at the end.
 */
export async function feed(options: FeedOptions): Promise<number> {
  const { database, queues, rate, untilMs, signal } = options;
  const startedAt = performance.now();
  let fed = 0;
  for (;;) {
    const passedMs = Math.min(performance.now() - startedAt, untilMs);
    const due = Math.floor((passedMs / 1_000) * rate);
    const keys = Array.from({ length: due - fed }, (_, index) => ({
      provider: 'youtube' as const,
      videoId: itemId(fed + index),
    }));
    const states = await database.videos.discover(
      keys.map((key) => ({ key, url: `https://www.youtube.com/watch?v=${key.videoId}` })),
    );
    await queues.addMany(
      'download',
      states.map(({ key, round }) => ({ payload: { ...key, round } })),
    );
    fed = due;
    if (passedMs >= untilMs) return fed;
    await delay(EVERY_MS, undefined, { signal });
  }
}
