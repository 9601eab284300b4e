import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/**
 * Whether a job will still do something: `live` waits, runs or is delayed; `finished` completed or failed and is
 * only remembered, so that its id cannot be added again; `missing` is not known to Redis.
 */
export type JobPresence = 'live' | 'finished' | 'missing';

/** Ids asked for in one round trip. */
const IDS_PER_TRIP = 500;

/**
 * Looks up many jobs of one queue, some hundreds in a round trip. BullMQ's own question for the state of a job
 * searches the list of waiting jobs from end to end; a million of them would take hours.
 * @returns one answer for each id, in their order.
 */
export async function lookUpJobs(
  redis: Redis,
  queue: Queue,
  jobIds: readonly string[],
): Promise<JobPresence[]> {
  const found: JobPresence[] = [];
  for (let start = 0; start < jobIds.length; start += IDS_PER_TRIP) {
    const pipeline = redis.pipeline();
    const ids = jobIds.slice(start, start + IDS_PER_TRIP);
    for (const id of ids) {
      pipeline.exists(queue.toKey(id));
      pipeline.zscore(queue.toKey('completed'), id);
      pipeline.zscore(queue.toKey('failed'), id);
    }
    const answers = (await pipeline.exec()) ?? [];
    const failure = answers.find(([error]) => error !== null)?.[0];
    if (failure !== undefined && failure !== null) throw failure;
    for (const index of ids.keys()) {
      const [exists, completed, failed] = answers.slice(index * 3, index * 3 + 3).map(([, value]) => value);
      const isFinished = typeof completed === 'string' || typeof failed === 'string';
      found.push(isFinished ? 'finished' : exists === 1 ? 'live' : 'missing');
    }
  }
  return found;
}
