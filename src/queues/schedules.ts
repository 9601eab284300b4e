import type { RepeatOptions } from 'bullmq';
import { CLOCK_TOLERANCE_MS, nextTick, type CronSchedule } from '../config/cron.ts';
import { jobOptionsOf, parsePayload } from './catalogue.ts';
import { lookUpJobs } from './job-lookup.ts';
import type { MaintenancePayload } from './payloads.ts';
import type { QueueConnection } from './connections.ts';
import { withRedisErrors } from './redis-failure.ts';
import { withRedisLock } from './redis-lock.ts';

/** A task of the maintenance queue that repeats: at an interval, whose first run is at once, or by a cron pattern. */
export interface WantedSchedule {
  /** The id of BullMQ's job scheduler; the part before the first dot names a group. */
  readonly id: string;
  readonly payload: MaintenancePayload;
  readonly repeat: { readonly everyMs: number } | CronSchedule;
}

/** Longer than all the writing takes. */
const LOCK_MS = 10_000;

/**
 * The job schedulers of BullMQ. They are written only when they differ from what is wanted and by one process at a time:
 * concurrent writing can leave a scheduler without its next job, for good (BullMQ's issue 3272). Each one is also compared
 * by its next job, so that one that stopped or has a wrong time is written again.
 */
export class Schedules {
  readonly #queues: QueueConnection;

  constructor(queues: QueueConnection) {
    this.#queues = queues;
  }

  /**
   * Makes the schedules equal to those that are wanted.
   * @param group of the ids: schedules of this group that are not wanted are removed; none when left out.
   * @returns the ids of those that were written and removed; undefined while another process does the same: what it
   *   leaves to do is found at the next check.
   * @throws OperatorError when Redis does not answer.
   */
  async keep(wanted: readonly WantedSchedule[], now: Date, group?: string) {
    const { redis, prefix } = this.#queues;
    const queue = this.#queues.queue('maintenance');
    return await withRedisErrors('schedule', async () => {
      const differing = await this.#compare(wanted, now, group);
      if (differing.write.length === 0 && differing.remove.length === 0) return { written: [], removed: [] };
      return await withRedisLock(redis, `${prefix}:cron-lock`, LOCK_MS, async () => {
        // Another process may have written them between the comparison and the lock.
        const { write, remove } = await this.#compare(wanted, now, group);
        for (const { id, payload, repeat } of write) {
          const data = parsePayload('maintenance', payload);
          const job = { name: payload.task, data, opts: jobOptionsOf('maintenance') };
          await queue.upsertJobScheduler(id, repeatOptionsOf(repeat), job);
        }
        for (const id of remove) await queue.removeJobScheduler(id);
        return { written: write.map(({ id }) => id), removed: remove };
      });
    });
  }

  /** When each schedule fires next, as Redis has it. @throws OperatorError when Redis does not answer. */
  async next(): Promise<ReadonlyMap<string, Date>> {
    return await withRedisErrors('look up schedules', async () => {
      const found = await this.#queues.queue('maintenance').getJobSchedulers(0, -1);
      return new Map(found.flatMap(({ key, next }) => (next === undefined ? [] : [[key, new Date(next)]])));
    });
  }

  async #compare(wanted: readonly WantedSchedule[], now: Date, group: string | undefined) {
    const queue = this.#queues.queue('maintenance');
    const found = new Map((await queue.getJobSchedulers(0, -1)).map((one) => [one.key, one]));
    const jobIds = wanted.map(({ id }) => `repeat:${id}:${String(found.get(id)?.next ?? 0)}`);
    const presence = await lookUpJobs(this.#queues.redis, queue, jobIds);
    const write = wanted.filter(({ id, payload, repeat }, index) => {
      const one = found.get(id);
      const { every, pattern, tz } = repeatOptionsOf(repeat);
      return (
        one === undefined ||
        // Redis gives numbers back as texts.
        (every !== undefined && Number(one.every) !== every) ||
        (pattern !== undefined && (one.pattern !== pattern || one.tz !== tz)) ||
        JSON.stringify(one.template?.data) !== JSON.stringify(payload) ||
        presence[index] !== 'live' ||
        // Of a host whose clock is ahead; it would run too late.
        (one.next ?? Infinity) > latestNext(repeat, now).getTime() + CLOCK_TOLERANCE_MS
      );
    });
    const ids = new Set(wanted.map(({ id }) => id));
    const isOfGroup = (id: string) => group !== undefined && id.startsWith(`${group}.`);
    return { write, remove: [...found.keys()].filter((id) => isOfGroup(id) && !ids.has(id)) };
  }
}

function repeatOptionsOf(repeat: WantedSchedule['repeat']): Pick<RepeatOptions, 'every' | 'pattern' | 'tz'> {
  return 'everyMs' in repeat ? { every: repeat.everyMs } : { pattern: repeat.pattern, tz: repeat.timeZone };
}

function latestNext(repeat: WantedSchedule['repeat'], now: Date): Date {
  return 'everyMs' in repeat ? new Date(now.getTime() + repeat.everyMs) : nextTick(repeat, now);
}
