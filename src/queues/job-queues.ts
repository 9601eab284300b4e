import type { Stage } from '../domain/video-status.ts';
import { Queue, type Job, type JobsOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Config } from '../config/config.ts';
import { PermanentError, TransientError } from '../domain/job-errors.ts';
import type { VideoKey } from '../domain/video-key.ts';
import { QUEUE_NAMES, QUEUES, type PayloadOf, type QueueName } from './catalogue.ts';
import { connectRedis } from './connections.ts';
import { RedisClock } from './redis-clock.ts';
import { CronSchedules } from './cron-schedules.ts';
import {
  collectJobId,
  collectRetryJobId,
  parseCollectJobId,
  retryJobId,
  stageJobId,
  type RunKey,
} from './job-ids.ts';
import { IntakePauses } from './intake-pauses.ts';
import { lookUpJobs, type JobPresence } from './job-presence.ts';
import { LostJobs } from './lost-jobs.ts';
import type { CollectPayload, MaintenanceTask } from './payloads.ts';
import { redisFailure } from './redis-failure.ts';

/** Smaller is sooner; BullMQ takes 0 (no priority, first of all) to 2,097,152. */
export interface AddOptions {
  readonly priority?: number;
}

/** What became of the wish to collect a source. */
export type CollectAddition =
  /** Its job is there. */
  | { readonly outcome: 'added' }
  /** Another run of the source waits or is under way; undefined when it ended this very moment. */
  | { readonly outcome: 'overlap'; readonly active: RunKey | undefined };

/** How many jobs of a queue are in each state; names as BullMQ and Bull Board show them. */
export interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
  readonly completed: number;
}

/** All queues on one connection. Every payload is checked before it is added; ids make adding twice add once. */
export class JobQueues {
  /** What all keys in Redis begin with. */
  readonly prefix: string;
  /** When jobs are due. */
  readonly clock: RedisClock;
  readonly #connection: Redis;
  readonly #queues: ReadonlyMap<QueueName, Queue>;
  readonly #probeKey: string;
  /** The workers whose intake is paused. */
  readonly pauses: IntakePauses;
  /** How many jobs lost their workers. */
  readonly lost: LostJobs;
  /** What the maintenance queue does at times given by cron patterns. */
  readonly cron: CronSchedules;

  constructor(config: Config['redis']) {
    this.#connection = connectRedis(config, 'producer');
    this.clock = new RedisClock(this.#connection);
    this.prefix = config.prefix;
    this.#probeKey = `${config.prefix}:probe`;
    this.pauses = new IntakePauses(this.#connection, config.prefix);
    this.lost = new LostJobs(this.#connection, config.prefix);
    this.#queues = new Map(
      QUEUE_NAMES.map((name) => {
        const queue = new Queue(name, { connection: this.#connection, prefix: config.prefix });
        queue.on('error', () => undefined);
        return [name, queue];
      }),
    );
    this.cron = new CronSchedules(this.queue('maintenance'), this.#connection, config.prefix, (payload) => ({
      data: checkPayload('maintenance', payload),
      opts: jobOptions('maintenance'),
    }));
  }

  /** BullMQ's own queue, for the dashboard, metrics and commands. */
  queue(name: QueueName): Queue {
    const queue = this.#queues.get(name);
    if (queue === undefined) throw new Error(`There is no queue named ${name}.`);
    return queue;
  }

  /** Adds the job of one video's stage. @throws OperatorError when Redis does not take it. */
  async addStage(stage: Stage, key: VideoKey, round: number, options: AddOptions = {}): Promise<void> {
    await this.#add(stage, { ...key, round }, { ...options, jobId: stageJobId(stage, key, round) });
  }

  /** Adds the jobs of many videos' stages in one round trip. @throws OperatorError when Redis does not take them. */
  async addStages(
    stage: Stage,
    videos: readonly { readonly key: VideoKey; readonly round: number }[],
    options: AddOptions = {},
  ): Promise<void> {
    if (videos.length === 0) return;
    const jobs = videos.map(({ key, round }) => ({
      name: stage,
      data: checkPayload(stage, { ...key, round }),
      opts: { ...this.#optionsOf(stage), ...options, jobId: stageJobId(stage, key, round) },
    }));
    await withRedisErrors(stage, () => this.queue(stage).addBulk(jobs));
  }

  /** Lets a video wait for its next round. @throws OperatorError when Redis does not take it. */
  async addRetry(stage: Stage, key: VideoKey, round: number, delayMs: number): Promise<void> {
    await this.#add(
      'retry',
      { stage, ...key, round },
      { delay: delayMs, jobId: retryJobId(stage, key, round) },
    );
  }

  /** Lets many videos wait for their next rounds, in one round trip. @throws OperatorError when Redis does not take them. */
  async addRetries(
    waits: readonly {
      readonly stage: Stage;
      readonly key: VideoKey;
      readonly round: number;
      readonly delayMs: number;
    }[],
  ): Promise<void> {
    if (waits.length === 0) return;
    const jobs = waits.map(({ stage, key, round, delayMs }) => ({
      name: 'retry',
      data: checkPayload('retry', { stage, ...key, round }),
      opts: { ...this.#optionsOf('retry'), delay: delayMs, jobId: retryJobId(stage, key, round) },
    }));
    await withRedisErrors('retry', () => this.queue('retry').addBulk(jobs));
  }

  /**
   * Collects a source, unless another run of it waits or is under way; adding the same run again adds it once.
   * @throws OperatorError when Redis does not take it.
   */
  async addCollect(payload: CollectPayload): Promise<CollectAddition> {
    const jobId = collectJobId(payload, payload.round);
    const id = await this.#add('collect', payload, { jobId, deduplication: { id: payload.sourceId } });
    return id === jobId ? { outcome: 'added' } : { outcome: 'overlap', active: parseCollectJobId(id) };
  }

  /** Lets a run wait for its next round. @throws OperatorError when Redis does not take it. */
  async addCollectRetry(payload: CollectPayload, delayMs: number): Promise<void> {
    const jobId = collectRetryJobId(payload, payload.round);
    await this.#add('retry', { stage: 'collect', ...payload }, { delay: delayMs, jobId });
  }

  /** Ends the wait of a run now, so that its next round begins. @returns false when it does not wait. */
  async promoteCollectRetry(run: RunKey, round: number): Promise<boolean> {
    const job: Job | undefined = await withRedisErrors('retry', () =>
      this.queue('retry').getJob(collectRetryJobId(run, round)),
    );
    if (job === undefined) return false;
    // It refuses a job that is no longer delayed.
    return await job.promote().then(
      () => true,
      () => false,
    );
  }

  /** Whether these jobs of a queue still do something; one answer for each id. @throws OperatorError */
  async presence(name: QueueName, jobIds: readonly string[]): Promise<readonly JobPresence[]> {
    return await withRedisErrors(name, () => lookUpJobs(this.#connection, this.queue(name), jobIds));
  }

  /** Ends the wait of a video in the retry queue; nothing happens when it does not wait. */
  async removeRetry(stage: Stage, key: VideoKey, round: number): Promise<void> {
    await this.queue('retry').remove(retryJobId(stage, key, round));
  }

  /** Expands a playlist; while such a job waits or runs, adding it again does nothing. */
  async addPlaylist(playlistId: string): Promise<void> {
    await this.#add('playlist', { playlistId }, { deduplication: { id: playlistId } });
  }

  /** Runs a maintenance task now; while such a job waits or runs, adding it again does nothing. */
  async addMaintenance(task: MaintenanceTask): Promise<void> {
    await this.#add('maintenance', { task }, { deduplication: { id: task } });
  }

  /** Whether Redis holds the schedule of a maintenance task. @throws OperatorError when Redis does not answer. */
  async isMaintenanceScheduled(task: MaintenanceTask): Promise<boolean> {
    return await withRedisErrors('look up a schedule', async () => {
      return (await this.queue('maintenance').getJobScheduler(task)) !== undefined;
    });
  }

  /** Runs a maintenance task at a fixed rhythm, once for the whole fleet; safe to repeat. @throws OperatorError */
  async scheduleMaintenance(task: MaintenanceTask, everyMs: number): Promise<void> {
    const job = {
      name: task,
      data: checkPayload('maintenance', { task }),
      opts: { ...jobOptions('maintenance') },
    };
    await withRedisErrors('schedule', () =>
      this.queue('maintenance').upsertJobScheduler(task, { every: everyMs }, job),
    );
  }

  async counts(name: QueueName): Promise<QueueCounts> {
    const counts = await this.queue(name).getJobCounts(
      'waiting',
      'prioritized',
      'active',
      'delayed',
      'failed',
      'completed',
    );
    const of = (state: string) => counts[state] ?? 0;
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
    const queue = this.queue(name);
    const heads = await Promise.all([
      queue.getJobs(['waiting'], 0, 0, true),
      queue.getJobs(['prioritized'], 0, 0, true),
    ]);
    const times = heads.flat().map((job) => job.timestamp);
    return times.length === 0 ? undefined : new Date(Math.min(...times));
  }

  /** Whether Redis answers. @throws TransientError when it does not within a few seconds. */
  async ping(): Promise<void> {
    try {
      await this.#connection.ping();
    } catch (error) {
      throw new TransientError('network', 'Redis does not answer.', { cause: error });
    }
  }

  /** Whether Redis takes writes. @throws OperatorError when it does not. */
  async checkWrites(): Promise<void> {
    await withRedisErrors('write', () => this.#connection.set(this.#probeKey, '', 'PX', 1_000));
  }

  /** For the small shared state beside the queues. Fails within seconds without Redis; stays this object's to close. */
  get redis(): Redis {
    return this.#connection;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
    this.#connection.disconnect();
  }

  /** BullMQ counts a delay from the job's own time. */
  #optionsOf(name: QueueName): JobsOptions {
    return { ...jobOptions(name), timestamp: this.clock.nowMs() };
  }

  /** @returns the id of the job that is there now: the one added, or the one that was in its way. */
  async #add<N extends QueueName>(name: N, payload: PayloadOf<N>, options: JobsOptions): Promise<string> {
    const data = checkPayload(name, payload);
    const job: Job = await withRedisErrors(name, () =>
      this.queue(name).add(name, data, { ...this.#optionsOf(name), ...options }),
    );
    return job.id ?? '';
  }
}

/**
 * Reads a payload that comes from Redis or goes there.
 * @throws PermanentError when it is not one of that queue.
 */
export function checkPayload<N extends QueueName>(name: N, payload: unknown): PayloadOf<N> {
  const parsed = QUEUES[name].payload.safeParse(payload);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`.trim());
    throw new PermanentError(
      'invalid_payload',
      `This is no payload of the queue ${name}: ${problems.join('; ')}.`,
    );
  }
  return parsed.data as PayloadOf<N>;
}

function jobOptions(name: QueueName): JobsOptions {
  const policy = QUEUES[name];
  return {
    attempts: policy.attempts,
    // The pause is computed by the worker, from the settings of its environment.
    backoff: { type: 'custom' },
    removeOnComplete: policy.completed,
    removeOnFail: policy.failed,
  };
}

async function withRedisErrors<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw redisFailure(what, error);
  }
}
