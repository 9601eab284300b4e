import { Queue, type Job, type JobsOptions } from 'bullmq';
import type { Config } from '../config/config.ts';
import { definedFields } from '../domain/defined-fields.ts';
import { TransientError } from '../domain/job-errors.ts';
import { QUEUE_NAMES, type QueueName } from '../domain/queues.ts';
import { jobIdentityOf, jobOptionsOf, parsePayload, type PayloadOf } from './catalogue.ts';
import { connectRedis, type QueueConnection } from './connections.ts';
import { IntakePauses } from './intake-pauses.ts';
import { ItemStrikes } from './item-strikes.ts';
import { JobLookup } from './job-lookup.ts';
import { LostJobs } from './lost-jobs.ts';
import { MirrorSweeps } from './mirror-sweeps.ts';
import { RedisClock } from './redis-clock.ts';
import { lastFailure, type RedisConnection } from './redis-connection.ts';
import { withRedisErrors } from './redis-failure.ts';
import { redisRefusal } from './redis-refusal.ts';
import { Schedules } from './schedules.ts';

interface AddOptions {
  /** 1 is the first, before jobs without a priority; less than LAST_PRIORITY. Only for `download`. */
  readonly priority?: number;
  /** How long the job is delayed. */
  readonly delayMs?: number;
  /** Since when its item waits; now when left out. */
  readonly waitingSince?: Date;
}

/** All queues on one connection. Every payload is checked before it is added; ids make adding twice add once. */
export class JobQueues implements QueueConnection {
  readonly redis: RedisConnection;
  readonly prefix: string;
  /** When jobs are due. */
  readonly clock: RedisClock;
  readonly jobs: JobLookup;
  /** What the maintenance queue repeats. */
  readonly schedules: Schedules;
  /** The workers that take no jobs at the moment. */
  readonly pauses: IntakePauses;
  /** How many jobs lost their workers. */
  readonly lost: LostJobs;
  /** Which items were put back without being counted, and why. */
  readonly strikes: ItemStrikes;
  /** The sweeps of the mirror that are under way. */
  readonly sweeps: MirrorSweeps;
  readonly #queues: ReadonlyMap<QueueName, Queue>;
  readonly #config: Config['redis'];

  constructor(config: Config['redis']) {
    this.#config = config;
    this.redis = connectRedis(config, 'producer');
    this.prefix = config.prefix;
    this.clock = new RedisClock(this.redis, config.prefix);
    this.jobs = new JobLookup(this);
    this.schedules = new Schedules(this);
    this.pauses = new IntakePauses(this.redis, config.prefix);
    this.lost = new LostJobs(this.redis, config.prefix);
    this.strikes = new ItemStrikes(this.redis, config.prefix, this.clock);
    this.sweeps = new MirrorSweeps(this);
    this.#queues = new Map(
      QUEUE_NAMES.map((name) => {
        const queue = new Queue(name, { connection: this.redis, prefix: config.prefix });
        queue.on('error', () => undefined);
        return [name, queue];
      }),
    );
  }

  queue(name: QueueName): Queue {
    const queue = this.#queues.get(name);
    if (queue === undefined) throw new Error(`There is no queue named ${name}.`);
    return queue;
  }

  /**
   * Adds a job, unless one of the same identity is there (src/queues/catalogue.ts).
   * @returns the id of the job that is there now: the one added, or the one of the same identity.
   * @throws OperatorError when Redis does not take it.
   */
  async add<N extends QueueName>(name: N, payload: PayloadOf<N>, options: AddOptions = {}): Promise<string> {
    const { data, opts } = this.#jobOf(name, payload, options);
    const job: Job = await withRedisErrors(name, () => this.queue(name).add(name, data, opts));
    return job.id ?? '';
  }

  /**
   * Adds many jobs in one round trip. A job that waits already gets the priority that is given now.
   * @throws OperatorError when Redis does not take them.
   */
  async addMany<N extends QueueName>(
    name: N,
    jobs: readonly ({ readonly payload: PayloadOf<N> } & AddOptions)[],
  ): Promise<void> {
    if (jobs.length === 0) return;
    const added = jobs.map(({ payload, ...options }) => ({ name, ...this.#jobOf(name, payload, options) }));
    const present: Job[] = await withRedisErrors(name, () => this.queue(name).addBulk(added));
    const prioritized = present.flatMap((job, index) => {
      const priority = jobs[index]?.priority;
      return priority === undefined ? [] : [{ job, priority }];
    });
    await this.#setPriorities(name, prioritized);
  }

  /** Nearly all have been added just now, with their priority: one round trip finds the others. */
  async #setPriorities(
    name: QueueName,
    wanted: readonly { readonly job: Job; readonly priority: number }[],
  ): Promise<void> {
    if (wanted.length === 0) return;
    await withRedisErrors(name, async () => {
      const pipeline = this.redis.pipeline();
      for (const { job } of wanted) pipeline.hget(this.queue(name).toKey(job.id ?? ''), 'priority');
      const answers = (await pipeline.exec()) ?? [];
      const others = wanted.filter(({ priority }, index) => answers[index]?.[1] !== String(priority));
      await Promise.all(others.map(({ job, priority }) => changePriority(job, priority)));
    });
  }

  /** No worker takes jobs of the queue until it is resumed; jobs under way end. */
  async pause(name: QueueName): Promise<void> {
    await withRedisErrors(name, () => this.queue(name).pause());
  }

  async resume(name: QueueName): Promise<void> {
    await withRedisErrors(name, () => this.queue(name).resume());
  }

  async isPaused(name: QueueName): Promise<boolean> {
    return await withRedisErrors(name, () => this.queue(name).isPaused());
  }

  /** Whether Redis answers. @throws TransientError when it does not within a few seconds. */
  async ping(): Promise<void> {
    try {
      await this.redis.ping();
    } catch (error) {
      const refusal = await redisRefusal(this.#config, [error, lastFailure(this.redis)]);
      const message = refusal === undefined ? 'Redis does not answer.' : `Redis refuses access: ${refusal}`;
      throw new TransientError('network', message, { cause: error });
    }
  }

  /** Whether Redis takes writes. @throws OperatorError when it does not. */
  async checkWrites(): Promise<void> {
    await withRedisErrors('write', () => this.redis.set(`${this.prefix}:probe`, '', 'PX', 1_000));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
    this.redis.disconnect();
  }

  #jobOf<N extends QueueName>(
    name: N,
    payload: PayloadOf<N>,
    { priority, delayMs, waitingSince }: AddOptions,
  ): { data: PayloadOf<N>; opts: JobsOptions } {
    const data = parsePayload(name, payload);
    const opts = {
      ...jobOptionsOf(name),
      ...jobIdentityOf(name, data),
      // BullMQ counts a delay from the job's own time.
      timestamp: waitingSince?.getTime() ?? this.clock.nowMs(),
      ...definedFields({ priority, delay: delayMs }),
    };
    return { data, opts };
  }
}

/** Does nothing for a job that is not there any more. */
export async function changePriority(job: Job, priority: number): Promise<void> {
  try {
    await job.changePriority({ priority });
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('Missing key for job'))) throw error;
  }
}
