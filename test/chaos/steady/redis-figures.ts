import { QUEUE_NAMES } from '../../../src/queues/catalogue.ts';
import type { JobQueues } from '../../../src/queues/job-queues.ts';

/** What Redis holds. */
export interface RedisFigures {
  /** Keys beside those of the jobs themselves: locks, schedules, shared state. */
  readonly otherKeys: number;
  /** Jobs in any state, finished ones too. */
  readonly jobs: number;
  readonly usedBytes: number;
}

/** Finished jobs stay so long: production keeps thousands, which a run of half an hour would only just gather. */
const KEEP_FINISHED_MS = 60_000;
const CLEANED_AT_ONCE = 10_000;

/** Removes what has been finished for a minute, then counts. */
export async function readRedisFigures(queues: JobQueues): Promise<RedisFigures> {
  let jobs = 0;
  for (const name of QUEUE_NAMES) {
    const queue = queues.queue(name);
    await queue.clean(KEEP_FINISHED_MS, CLEANED_AT_ONCE, 'completed');
    await queue.clean(KEEP_FINISHED_MS, CLEANED_AT_ONCE, 'failed');
    const { waiting, active, delayed, failed, completed } = await queues.counts(name);
    jobs += waiting + active + delayed + failed + completed;
  }
  const [keys, memory] = await Promise.all([queues.redis.dbsize(), queues.redis.info('memory')]);
  const used = /^used_memory:(\d+)/m.exec(memory)?.[1];
  if (used === undefined) throw new Error('Redis does not tell how much memory it uses.');
  return { otherKeys: keys - jobs, jobs, usedBytes: Number(used) };
}
