import { QUEUE_NAMES } from '../../../src/domain/queues.ts';
import type { JobQueues } from '../../../src/queues/job-queues.ts';

export interface RedisFigures {
  /** Keys other than those of jobs: locks, schedules, shared state. */
  readonly otherKeys: number;
  /** Jobs in any state, finished ones too. */
  readonly jobs: number;
  readonly usedBytes: number;
}

/** Production keeps thousands of finished jobs, more than a run of half an hour produces; here they stay for this time. */
const KEEP_FINISHED_MS = 60_000;
const CLEAN_BATCH = 10_000;

/** Removes jobs that finished more than a minute ago, then counts. */
export async function readRedisFigures(queues: JobQueues): Promise<RedisFigures> {
  let jobs = 0;
  for (const name of QUEUE_NAMES) {
    const queue = queues.queue(name);
    await queue.clean(KEEP_FINISHED_MS, CLEAN_BATCH, 'completed');
    await queue.clean(KEEP_FINISHED_MS, CLEAN_BATCH, 'failed');
    const { waiting, active, delayed, failed, completed } = await queues.jobs.counts(name);
    jobs += waiting + active + delayed + failed + completed;
  }
  const [keys, memory] = await Promise.all([queues.redis.dbsize(), queues.redis.info('memory')]);
  const used = /^used_memory:(\d+)/m.exec(memory)?.[1];
  if (used === undefined) throw new Error('Redis reports no used_memory.');
  return { otherKeys: keys - jobs, jobs, usedBytes: Number(used) };
}
