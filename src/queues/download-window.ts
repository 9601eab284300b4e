import { setTimeout as delay } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import { z } from 'zod';
import type { QueueConnection } from './connections.ts';
import { rangeOf, type NumberRange } from './download-numbers.ts';
import { changePriority } from './job-queues.ts';
import { withRedisErrors } from './redis-failure.ts';
import { runScript } from './redis-script.ts';
import { withRedisLock } from './redis-lock.ts';

/** So many download jobs wait in Redis while there is a backlog; more only where some must come before those. */
export const WINDOW_SIZE = 2_000;
/** Longer than one filling mostly takes. Two at once do the same twice, which changes nothing. */
const LOCK_MS = 4_000;
const HELD_RETRY_MS = 50;
/** BullMQ orders by the number of a job, then by a counter: score = number × 2^32 + counter. */
const NUMBER_FACTOR = 2 ** 32;
/** So many jobs at the head are looked at for one that was not started yet. */
const HEAD_JOBS = 20;

/** Keys: turns of the lists. Arguments: list, count, turn that has come. Returns the turn before the first of the count. */
const RESERVE = `
local last = tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '0')
local before = math.max(last, tonumber(ARGV[3]))
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', before + tonumber(ARGV[2])))
return string.format('%.0f', before)`;

/** How far the turns of one priority are; all zero before its first job. */
const progressSchema = z.tuple([z.coerce.number(), z.coerce.number(), z.coerce.number()]);

/**
 * The download jobs that wait in Redis, and the turns that order them. Lists of one priority take turns: each list has at most
 * one video in a turn, so that its n-th video waits for no more than n videos of any other list. The number of a job in the
 * queue is its turn, counted from a base, within the range of its priority. All of this may be lost with the jobs: what comes
 * after that begins anew. All methods throw OperatorErrors when Redis does not answer.
 */
export class DownloadWindow {
  readonly #queues: QueueConnection;
  readonly #queue: Queue;
  readonly #key: string;
  readonly #sizeJobs: number;

  constructor(queues: QueueConnection, sizeJobs = WINDOW_SIZE) {
    this.#queues = queues;
    this.#queue = queues.queue('download');
    this.#key = `${queues.prefix}:download-window`;
    this.#sizeJobs = sizeJobs;
  }

  /**
   * Reserves the next turns of a list: behind those that it has, and none that has passed.
   * @param firstInRecord the first turn of this priority that waits in MongoDB, asked for when Redis knows of none
   * @returns the first of `count` turns.
   */
  async reserveTurns(
    priority: number,
    list: string,
    count: number,
    firstInRecord: () => Promise<number | undefined>,
  ): Promise<number> {
    const passed = (await this.#turnOf(priority)) ?? (await firstInRecord()) ?? 0;
    const key = this.#turns(priority);
    const before = await withRedisErrors('reserve turns', () =>
      runScript(this.#queues.redis, RESERVE, [key], [list, count, passed]),
    );
    return z.coerce.number().parse(before) + 1;
  }

  /**
   * How many more jobs the window takes, and when it takes none: the number before which a job must come to be one of the first
   * all the same.
   */
  async room(): Promise<{ readonly free: number; readonly before: number }> {
    const { redis } = this.#queues;
    return await withRedisErrors('read the window', async () => {
      const key = this.#queue.toKey('prioritized');
      const lastPlace = String(this.#sizeJobs - 1);
      const [count, last] = await Promise.all([
        redis.zcard(key),
        redis.zrange(key, lastPlace, lastPlace, 'WITHSCORES'),
      ]);
      const score = last[1];
      if (score !== undefined) return { free: 0, before: Math.floor(Number(score) / NUMBER_FACTOR) };
      return { free: Math.max(1, this.#sizeJobs - count), before: Infinity };
    });
  }

  /**
   * The numbers of jobs in the queue. A range whose numbers are used up begins anew once none of its jobs waits; until then
   * its jobs get no number, nor do those behind them.
   * @param places by priority, then by turn
   * @returns as many numbers as there are now, for the first places.
   */
  async numbersFor(
    places: readonly { readonly priority: number; readonly turn: number }[],
  ): Promise<number[]> {
    const bases = new Map<number, number>();
    const numbers: number[] = [];
    for (const { priority, turn } of places) {
      const { start, end } = rangeOf(priority);
      let base = bases.get(priority) ?? (await this.#progress(priority))[0];
      if (base === 0 || start + (turn - base) >= end) {
        if (numbers.length > 0 || (await this.#waitingIn({ start, end })) > 0) break;
        await this.#beginAnew(priority, turn);
        base = turn;
      }
      bases.set(priority, base);
      numbers.push(start + Math.max(0, turn - base));
    }
    return numbers;
  }

  /** Records the last turn that got a job: while none of its jobs waits, the next turn is behind it. */
  async noteFilled(priority: number, turn: number): Promise<void> {
    await withRedisErrors('fill the window', () =>
      this.#queues.redis.hset(this.#progressKey(priority), 'filled', turn),
    );
  }

  /**
   * Does work that one process at a time needs to do. While another does it, this one waits until the other has done it again for
   * what was there when this was called; when the other one has died, this one does it after `LOCK_MS`.
   */
  async exclusively(work: () => Promise<void>): Promise<void> {
    const { redis } = this.#queues;
    const [requests, served] = [`${this.#key}:requests`, `${this.#key}:served`];
    const numberAt = async (key: string) => Number((await redis.get(key)) ?? 0);
    const request = await withRedisErrors('fill the window', () => redis.incr(requests));
    // A holder that lives longer serves it too; and what none has served, the next filling does.
    const givesUpAt = performance.now() + 2 * LOCK_MS;
    for (;;) {
      const outcome = await withRedisErrors('fill the window', () =>
        withRedisLock(redis, `${this.#key}:lock`, LOCK_MS, async () => {
          const latest = await numberAt(requests);
          // What the work itself throws may be of MongoDB.
          const [result] = await Promise.allSettled([work()]);
          if (result.status === 'fulfilled') await redis.set(served, latest);
          return { result, isAll: latest === (await numberAt(requests)) };
        }),
      );
      if (outcome?.result.status === 'rejected') throw outcome.result.reason;
      if (outcome?.isAll === true) return;
      if (outcome !== undefined) continue;
      const isServed = await withRedisErrors('fill the window', () => numberAt(served));
      if (isServed >= request || performance.now() > givesUpAt) return;
      await delay(HELD_RETRY_MS);
    }
  }

  /** The turn of the first job of this priority that was not started yet; else the last that got a job. */
  async #turnOf(priority: number): Promise<number | undefined> {
    const [base, filled, passed] = await this.#progress(priority);
    if (base === 0) return undefined;
    const { start, end } = rangeOf(priority);
    return await withRedisErrors('read the window', async () => {
      const { redis } = this.#queues;
      const [from, to] = scoresOf({ start, end });
      const key = this.#queue.toKey('prioritized');
      const head = await redis.zrangebyscore(key, from, to, 'WITHSCORES', 'LIMIT', 0, HEAD_JOBS);
      const jobs = head.flatMap((id, index) =>
        index % 2 === 0 ? [{ id, number: Math.floor(Number(head[index + 1]) / NUMBER_FACTOR) }] : [],
      );
      const pipeline = redis.pipeline();
      // Jobs that come back after a failed attempt have turns of long ago. `ats` counts the starts of a job.
      for (const { id } of jobs) pipeline.hget(this.#queue.toKey(id), 'ats');
      const starts = jobs.length === 0 ? [] : ((await pipeline.exec()) ?? []);
      const first = jobs.find((_job, index) => (starts[index]?.[1] ?? null) === null);
      const seen = first === undefined ? (jobs.length === 0 ? filled : 0) : base + first.number - start - 1;
      if (seen > passed) await redis.hset(this.#progressKey(priority), 'passed', seen);
      return Math.max(passed, seen);
    });
  }

  async #progress(priority: number): Promise<readonly [base: number, filled: number, passed: number]> {
    const values = await withRedisErrors('read the window', () =>
      this.#queues.redis.hmget(this.#progressKey(priority), 'base', 'filled', 'passed'),
    );
    return progressSchema.parse(values.map((value) => value ?? 0));
  }

  async #waitingIn(range: NumberRange): Promise<number> {
    const key = this.#queue.toKey('prioritized');
    return await withRedisErrors('read the window', () => this.#queues.redis.zcount(key, ...scoresOf(range)));
  }

  /** Jobs that run or are delayed had their turn: should they come back, they come before what begins now. Safe to repeat. */
  async #beginAnew(priority: number, turn: number): Promise<void> {
    const range = rangeOf(priority);
    await withRedisErrors('fill the window', async () => {
      for (const job of await this.#queue.getJobs(['delayed', 'active'])) {
        if (job.priority <= range.start || job.priority >= range.end) continue;
        await changePriority(job, range.start);
      }
      await this.#queues.redis.hset(this.#progressKey(priority), 'base', turn);
    });
  }

  #turns(priority: number): string {
    return `${this.#key}:turns:${String(priority)}`;
  }

  #progressKey(priority: number): string {
    return `${this.#key}:progress:${String(priority)}`;
  }
}

/** The scores of a range, both included. */
function scoresOf({ start, end }: NumberRange): [from: number, to: number] {
  return [start * NUMBER_FACTOR, end * NUMBER_FACTOR - 1];
}
