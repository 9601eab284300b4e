import type { Job, Queue } from 'bullmq';
import type { QueueName } from '../domain/queues.ts';
import type { QueueConnection } from './connections.ts';
import { withRedisErrors } from './redis-failure.ts';
import type { RedisConnection } from './redis-connection.ts';

/**
 * Whether a job will still do something: `live` waits, runs or is delayed; `finished` completed or failed and is
 * only remembered, so that its id cannot be added again; `missing` is not known to Redis.
 */
export type JobPresence = 'live' | 'finished' | 'missing';

/** Ids asked for in one round trip. */
const IDS_PER_TRIP = 500;

/** Looks at jobs that are there, and ends their delays. All methods throw OperatorErrors when Redis does not answer. */
export class JobLookup {
  readonly #queues: QueueConnection;

  constructor(queues: QueueConnection) {
    this.#queues = queues;
  }

  /** Whether these jobs will still do something; one answer for each id. */
  async presence(name: QueueName, jobIds: readonly string[]): Promise<readonly JobPresence[]> {
    const { redis } = this.#queues;
    return await withRedisErrors(name, () => lookUpJobs(redis, this.#queues.queue(name), jobIds));
  }

  /** How many jobs of a queue are in each state; names as BullMQ and Bull Board show them. */
  async counts(name: QueueName) {
    const states = ['waiting', 'prioritized', 'active', 'delayed', 'failed', 'completed'] as const;
    const counts = await withRedisErrors(name, () => this.#queues.queue(name).getJobCounts(...states));
    const of = (state: (typeof states)[number]) => counts[state] ?? 0;
    return {
      // Jobs with a priority wait in a set of their own; to a person they wait.
      waiting: of('waiting') + of('prioritized'),
      active: of('active'),
      delayed: of('delayed'),
      failed: of('failed'),
      completed: of('completed'),
    };
  }

  /** When the job that is next in line was added; undefined when none waits. */
  async oldestWaiting(name: QueueName): Promise<Date | undefined> {
    const queue = this.#queues.queue(name);
    const heads = await withRedisErrors(name, () =>
      Promise.all([queue.getJobs(['waiting'], 0, 0, true), queue.getJobs(['prioritized'], 0, 0, true)]),
    );
    const times = heads.flat().map((job) => job.timestamp);
    return times.length === 0 ? undefined : new Date(Math.min(...times));
  }

  /** Ends the delay of a job, so that it is started now. @returns false when it is not delayed. */
  async promote(name: QueueName, jobId: string): Promise<boolean> {
    const job: Job | undefined = await withRedisErrors(name, () => this.#queues.queue(name).getJob(jobId));
    if (job === undefined) return false;
    // BullMQ refuses a job that is no longer delayed.
    return await job.promote().then(
      () => true,
      () => false,
    );
  }

  /** Where no job waits, ends the delay of the one that is due first. @returns whether it did */
  async promoteNext(name: QueueName): Promise<boolean> {
    const { waiting } = await this.counts(name);
    if (waiting > 0) return false;
    const [next] = await withRedisErrors(name, () =>
      this.#queues.queue(name).getJobs(['delayed'], 0, 0, true),
    );
    return next?.id === undefined ? false : await this.promote(name, next.id);
  }

  /** Removes a job that has not been started; nothing happens when it is not there. */
  async remove(name: QueueName, jobId: string): Promise<void> {
    await withRedisErrors(name, () => this.#queues.queue(name).remove(jobId));
  }
}

/**
 * Looks up many jobs of one queue, some hundreds in a round trip. BullMQ's own question for the state of a job
 * searches the list of waiting jobs from end to end; a million of them would take hours.
 * @returns one answer for each id, in their order.
 */
export async function lookUpJobs(
  redis: RedisConnection,
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
