import { randomUUID } from 'node:crypto';
import type { JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { nextTick, type CronSchedule } from '../config/cron.ts';
import { lookUpJobs } from './job-presence.ts';
import type { MaintenancePayload } from './payloads.ts';
import { redisFailure } from './redis-failure.ts';

/** Something that the maintenance queue is to do at times given by a cron pattern. */
export interface WantedCron {
  /** The id of BullMQ's job scheduler; the part before the first dot names a group. */
  readonly id: string;
  readonly payload: MaintenancePayload;
  readonly schedule: CronSchedule;
}

/** What was changed so that Redis has what is wanted. */
export interface CronChanges {
  readonly written: readonly string[];
  readonly removed: readonly string[];
}

/** Longer than all the writing takes; a holder that dies keeps the others from it for no longer. */
const LOCK_MS = 10_000;
/** Clocks of different hosts differ by so much at most before a schedule counts as gone astray. */
const CLOCK_TOLERANCE_MS = 60_000;
const UNLOCK = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/**
 * The job schedulers of BullMQ that follow a cron pattern. They are written only when they differ from what is wanted
 * and by one process at a time: concurrent writing can leave a scheduler without its next job, for good (BullMQ's
 * issue 3272). Each one is also judged by its next job, so that one that stopped or went astray is mended.
 */
export class CronSchedules {
  readonly #queue: Queue;
  readonly #redis: Redis;
  readonly #lock: string;
  readonly #jobOf: (payload: MaintenancePayload) => { data: MaintenancePayload; opts: JobsOptions };

  constructor(
    queue: Queue,
    redis: Redis,
    prefix: string,
    jobOf: (payload: MaintenancePayload) => { data: MaintenancePayload; opts: JobsOptions },
  ) {
    this.#queue = queue;
    this.#redis = redis;
    this.#lock = `${prefix}:cron-lock`;
    this.#jobOf = jobOf;
  }

  /**
   * Makes the schedules equal to those that are wanted.
   * @param group of the ids; schedules of this group that are not wanted are removed, others are left alone.
   * @returns undefined while another process does the same: what it leaves to do is found at the next look.
   * @throws TransientError when Redis does not answer.
   */
  async keep(group: string, wanted: readonly WantedCron[], now: Date): Promise<CronChanges | undefined> {
    try {
      const differing = await this.#compare(group, wanted, now);
      if (differing.write.length === 0 && differing.remove.length === 0) return { written: [], removed: [] };
      return await this.#locked(async () => {
        // Another process may have mended it between the look and the lock.
        const { write, remove } = await this.#compare(group, wanted, now);
        for (const { id, payload, schedule } of write) await this.#write(id, payload, schedule);
        for (const id of remove) await this.#queue.removeJobScheduler(id);
        return { written: write.map(({ id }) => id), removed: remove };
      });
    } catch (error) {
      throw redisFailure('schedule', error);
    }
  }

  /** When each schedule fires next, as Redis has it. @throws TransientError */
  async next(): Promise<ReadonlyMap<string, Date>> {
    try {
      const found = await this.#queue.getJobSchedulers(0, -1);
      return new Map(found.flatMap(({ key, next }) => (next === undefined ? [] : [[key, new Date(next)]])));
    } catch (error) {
      throw redisFailure('look up schedules', error);
    }
  }

  async #compare(
    group: string,
    wanted: readonly WantedCron[],
    now: Date,
  ): Promise<{ write: WantedCron[]; remove: string[] }> {
    const found = new Map((await this.#queue.getJobSchedulers(0, -1)).map((one) => [one.key, one]));
    const jobIds = wanted.map(({ id }) => `repeat:${id}:${String(found.get(id)?.next ?? 0)}`);
    const presence = await lookUpJobs(this.#redis, this.#queue, jobIds);
    const write = wanted.filter(({ id, payload, schedule }, index) => {
      const one = found.get(id);
      const latestNext = nextTick(schedule, now).getTime() + CLOCK_TOLERANCE_MS;
      return (
        one?.pattern !== schedule.pattern ||
        one.tz !== schedule.timeZone ||
        JSON.stringify(one.template?.data) !== JSON.stringify(payload) ||
        presence[index] !== 'live' ||
        (one.next ?? Infinity) > latestNext
      );
    });
    const ids = new Set(wanted.map(({ id }) => id));
    const remove = [...found.keys()].filter((id) => id.startsWith(`${group}.`) && !ids.has(id));
    return { write, remove };
  }

  async #write(id: string, payload: MaintenancePayload, { pattern, timeZone }: CronSchedule): Promise<void> {
    const { data, opts } = this.#jobOf(payload);
    await this.#queue.upsertJobScheduler(id, { pattern, tz: timeZone }, { name: payload.task, data, opts });
  }

  async #locked<T>(work: () => Promise<T>): Promise<T | undefined> {
    const token = randomUUID();
    if ((await this.#redis.set(this.#lock, token, 'PX', LOCK_MS, 'NX')) === null) return undefined;
    try {
      return await work();
    } finally {
      await this.#redis.eval(UNLOCK, 1, this.#lock, token);
    }
  }
}
