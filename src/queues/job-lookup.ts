import type { Job } from 'bullmq';
import type { QueueName } from '../domain/queues.ts';
import { lookUpJobs, type JobPresence } from './job-presence.ts';
import type { QueueConnection } from './queue-connection.ts';
import { withRedisErrors } from './redis-failure.ts';

/** How many jobs of a queue are in each state; names as BullMQ and Bull Board show them. */
export interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
  readonly completed: number;
}

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

  async counts(name: QueueName): Promise<QueueCounts> {
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

  /** Removes a job that has not been started; nothing happens when it is not there. */
  async remove(name: QueueName, jobId: string): Promise<void> {
    await withRedisErrors(name, () => this.#queues.queue(name).remove(jobId));
  }
}
