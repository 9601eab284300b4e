import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { parseJson } from '../runtime/json.ts';
import type { QueueConnection } from './connections.ts';
import { shardJobId } from './job-ids.ts';
import { lookUpJobs } from './job-lookup.ts';
import { withRedisErrors } from './redis-failure.ts';
import type { RedisConnection } from './redis-connection.ts';
import { runScript } from './redis-script.ts';

/** What a sweep is about, the same for all of its shards. */
const sweepSchema = z.object({
  bucket: z.string(),
  container: z.string(),
  trigger: z.enum(['schedule', 'command']),
  prefix: z.string(),
  include: z.array(z.string()).readonly(),
  exclude: z.array(z.string()).readonly(),
  startedAt: z.iso.datetime(),
});
export type Sweep = Readonly<z.output<typeof sweepSchema>>;

const shardSchema = z.object({
  after: z.string().exactOptional(),
  upTo: z.string().exactOptional(),
  keys: z.number(),
});
export type SweepShard = Readonly<z.output<typeof shardSchema>>;

const count = z.number();
const resultSchema = z.object({
  objects: count,
  equal: count,
  extra: count,
  copied: count,
  copiedBytes: count,
  confirmed: count,
  failed: count,
  /** Whether its listings were compared to their end. */
  isComplete: z.boolean(),
  problems: z.array(z.object({ name: z.string(), class: z.string(), message: z.string() })).readonly(),
});
/** What came of a shard, or came of it so far. */
export type ShardResult = Readonly<z.output<typeof resultSchema>>;

/** How far a sweep is. */
export interface SweepState {
  readonly sweep: Sweep;
  /** How many shards it has; undefined while the bucket is still being split. */
  readonly total: number | undefined;
  /** Shards that were added so far. */
  readonly added: number;
  readonly results: readonly ShardResult[];
  /** What the shards at work have done so far. */
  readonly partial: readonly ShardResult[];
  /** Why the bucket could not be split to its end. */
  readonly splitError: string | undefined;
}

/** A sweep is forgotten after this time without a change. */
const KEPT_MS = 24 * 3_600_000;
/** The process that splits a bucket says so often enough. */
const SPLIT_LEASE_MS = 90_000;

/** Writes a field unless the sweep is forgotten; `once` keeps the first value. Keys: sweep; argv: field, value, once, kept ms. */
const WRITE = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
if ARGV[3] == '1' then redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])
else redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end
return 1`;
/** Writes the result of a shard unless it has one. Keys: sweep; argv: field, value, kept ms. Returns whether all shards have ended. */
const END = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 1 then redis.call('HINCRBY', KEYS[1], 'ended', 1) end
local total = redis.call('HGET', KEYS[1], 'total')
if total and tonumber(redis.call('HGET', KEYS[1], 'ended')) >= tonumber(total) then return 1 end
return 0`;
/** Keys: current; argv: own id. */
const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/**
 * The sweeps of the mirror that are under way, in Redis: each is a hash with what it is about, its shards and their results.
 * Nothing in it must survive: a sweep that Redis loses is made again at the next time. All methods throw OperatorErrors when
 * Redis does not answer.
 */
export class MirrorSweeps {
  readonly #queues: QueueConnection;
  readonly #redis: RedisConnection;
  readonly #key: string;

  constructor(queues: QueueConnection) {
    this.#queues = queues;
    this.#redis = queues.redis;
    this.#key = `${queues.prefix}:mirror-sweep`;
  }

  /**
   * Begins a sweep, unless one of this container is alive: its bucket is being split, or one of its shards has a job. One
   * that died is forgotten.
   * @returns the id; undefined while another sweep is alive.
   */
  async begin(sweep: Sweep): Promise<string | undefined> {
    const current = this.#current(sweep.container);
    return await withRedisErrors('begin a sweep', async () => {
      const known = await this.#redis.get(current);
      if (known !== null && (await this.#isAlive(known))) return undefined;
      if (known !== null) await this.forget(known, sweep.container);
      const id = Date.now().toString(36) + randomBytes(4).toString('hex');
      if ((await this.#redis.set(current, id, 'PX', KEPT_MS, 'NX')) === null) return undefined;
      await this.#redis
        .multi()
        .set(this.#lease(id), '', 'PX', SPLIT_LEASE_MS)
        .hset(this.#hash(id), 'sweep', JSON.stringify(sweep))
        .pexpire(this.#hash(id), KEPT_MS)
        .exec();
      return id;
    });
  }

  /** Records a shard before its job is added, and that the splitting goes on. @returns false when the sweep is forgotten. */
  async addShard(id: string, number: number, shard: SweepShard): Promise<boolean> {
    await this.keepSplitting(id);
    return await this.#write(id, `shard:${String(number)}`, JSON.stringify(shard), true);
  }

  async keepSplitting(id: string): Promise<void> {
    await withRedisErrors('split a bucket', () => this.#redis.set(this.#lease(id), '', 'PX', SPLIT_LEASE_MS));
  }

  /** Records that all shards are there, or why not. */
  async endSplitting(id: string, total: number, error?: string): Promise<void> {
    if (error !== undefined) await this.#write(id, 'error', error, true);
    await this.#write(id, 'total', String(total), true);
    await withRedisErrors('split a bucket', () => this.#redis.del(this.#lease(id)));
  }

  /** What a shard has to do. @returns undefined when the sweep is forgotten, or the shard is done. */
  async shard(
    id: string,
    number: number,
  ): Promise<{ readonly sweep: Sweep; readonly shard: SweepShard } | undefined> {
    const fields = ['sweep', `shard:${String(number)}`, `result:${String(number)}`] as const;
    const [sweep, shard, result] = await withRedisErrors('read a shard', () =>
      this.#redis.hmget(this.#hash(id), ...fields),
    );
    // Redis gives null, and types say that there may be fewer.
    if (typeof sweep !== 'string' || typeof shard !== 'string' || typeof result === 'string')
      return undefined;
    return { sweep: sweepSchema.parse(parseJson(sweep)), shard: shardSchema.parse(parseJson(shard)) };
  }

  /** Records how far a shard is. */
  async note(id: string, number: number, partial: ShardResult): Promise<void> {
    await this.#write(id, `partial:${String(number)}`, JSON.stringify(partial), false);
  }

  /**
   * Records the end of a shard; the first end counts, when two workers ran it.
   * @returns whether all shards of the sweep have ended.
   */
  async endShard(id: string, number: number, result: ShardResult): Promise<boolean> {
    const args = [`result:${String(number)}`, JSON.stringify(result), KEPT_MS];
    return await withRedisErrors(
      'end a shard',
      async () => (await runScript(this.#redis, END, [this.#hash(id)], args)) === 1,
    );
  }

  /** Whether all shards of a sweep have ended, and it is not forgotten. */
  async hasEnded(id: string): Promise<boolean> {
    const [total, ended] = await withRedisErrors('read a sweep', () =>
      this.#redis.hmget(this.#hash(id), 'total', 'ended'),
    );
    return typeof total === 'string' && Number(ended ?? 0) >= Number(total);
  }

  /** How far it is; undefined when it is forgotten. */
  async state(id: string): Promise<SweepState | undefined> {
    const fields = await withRedisErrors('read a sweep', () => this.#redis.hgetall(this.#hash(id)));
    if (fields['sweep'] === undefined) return undefined;
    const ofKind = (kind: string) =>
      Object.entries(fields).flatMap(([field, value]) =>
        field.startsWith(`${kind}:`) ? [[field.slice(kind.length + 1), value] as const] : [],
      );
    const ended = new Set(ofKind('result').map(([number]) => number));
    const parse = ([, value]: readonly [string, string]) => resultSchema.parse(parseJson(value));
    return {
      sweep: sweepSchema.parse(parseJson(fields['sweep'])),
      total: fields['total'] === undefined ? undefined : Number(fields['total']),
      added: ofKind('shard').length,
      results: ofKind('result').map(parse),
      partial: ofKind('partial')
        .filter(([number]) => !ended.has(number))
        .map(parse),
      splitError: fields['error'],
    };
  }

  /** Forgets a sweep: shards that are still in the queue do nothing. */
  async forget(id: string, container: string): Promise<void> {
    await withRedisErrors('forget a sweep', async () => {
      await runScript(this.#redis, RELEASE, [this.#current(container)], [id]);
      await this.#redis.del(this.#hash(id), this.#lease(id));
    });
  }

  /** Whether anything will still happen in it. */
  async #isAlive(id: string): Promise<boolean> {
    const fields = await this.#redis.hkeys(this.#hash(id));
    const numbers = (kind: string) =>
      fields.filter((field) => field.startsWith(kind)).map((field) => field.slice(kind.length));
    const isSplit = fields.includes('total');
    if (!isSplit) return (await this.#redis.exists(this.#lease(id))) === 1;
    const ended = new Set(numbers('result:'));
    const open = numbers('shard:').filter((number) => !ended.has(number));
    const jobIds = open.map((number) => shardJobId({ sweepId: id, shard: Number(number) }));
    return (await lookUpJobs(this.#redis, this.#queues.queue('sync'), jobIds)).includes('live');
  }

  async #write(id: string, field: string, value: string, once: boolean): Promise<boolean> {
    const args = [field, value, once ? '1' : '0', KEPT_MS];
    return await withRedisErrors(
      'write a sweep',
      async () => (await runScript(this.#redis, WRITE, [this.#hash(id)], args)) === 1,
    );
  }

  #current(container: string): string {
    return `${this.#key}:of:${container}`;
  }

  #hash(id: string): string {
    return `${this.#key}:${id}`;
  }

  #lease(id: string): string {
    return `${this.#key}:${id}:splitting`;
  }
}
