import { z } from 'zod';
import { QUEUE_NAMES, type QueueName } from '../domain/queues.ts';
import type { RedisClock } from './redis-clock.ts';
import { withRedisErrors } from './redis-failure.ts';
import type { RedisConnection } from './redis-connection.ts';

const strikeSchema = z.object({
  queue: z.enum(QUEUE_NAMES),
  /** A video (`youtube.X`), playlist, source or task. */
  item: z.string(),
  /** How often in a row; the next success ends the row. */
  count: z.coerce.number(),
  class: z.string(),
  reason: z.string(),
  at: z.coerce.number().transform((ms) => new Date(ms)),
  /** When the item is tried again. */
  until: z.coerce.number().transform((ms) => new Date(ms)),
});

/** An item whose job was put back without being counted, because of an address, a disk, a key. */
export type ItemStrike = Readonly<z.output<typeof strikeSchema>>;

const TTL_MS = 7 * 24 * 3_600_000;
/** The successes of so long are written together. */
const SUCCESS_INTERVAL_MS = 500;

/**
 * The strikes of all items, in Redis, and when each queue last succeeded: the evidence whether an item or its
 * surroundings cause a failure. Each item has a hash that expires; a sorted set lists them by their time.
 */
export class ItemStrikes {
  readonly #redis: RedisConnection;
  readonly #key: string;
  readonly #clock: RedisClock;
  /** Of the queues whose last success is not written yet. */
  readonly #successes = new Map<QueueName, number>();

  constructor(redis: RedisConnection, prefix: string, clock: RedisClock) {
    this.#redis = redis;
    this.#key = `${prefix}:strikes`;
    this.#clock = clock;
  }

  async find(queue: QueueName, item: string): Promise<ItemStrike | undefined> {
    const hash = await withRedisErrors('strikes', () => this.#redis.hgetall(this.#keyOf(queue, item)));
    return strikeSchema.safeParse(hash).data;
  }

  /** Counts one more strike. */
  async add(
    strike: Omit<ItemStrike, 'count' | 'at' | 'until'> & { readonly delayMs: number },
  ): Promise<void> {
    const { queue, item, reason, delayMs } = strike;
    const key = this.#keyOf(queue, item);
    const atMs = this.#clock.nowMs();
    const fields = { queue, item, class: strike.class, reason, at: atMs, until: atMs + delayMs };
    const transaction = this.#redis
      .multi()
      .hincrby(key, 'count', 1)
      .hset(key, fields)
      .pexpire(key, TTL_MS)
      .zadd(this.#key, atMs, `${queue}|${item}`)
      .zremrangebyscore(this.#key, '-inf', atMs - TTL_MS);
    await withRedisErrors('strikes', () => transaction.exec());
  }

  /** Never rejects: a strike too many only shows for a while. */
  async clear(queue: QueueName, item: string): Promise<void> {
    const transaction = this.#redis.multi().del(this.#keyOf(queue, item)).zrem(this.#key, `${queue}|${item}`);
    await transaction.exec().catch(() => undefined);
  }

  /** The latest first. */
  async list(limit: number): Promise<ItemStrike[]> {
    return await withRedisErrors('strikes', async () => {
      const names = await this.#redis.zrevrange(this.#key, 0, limit - 1);
      const hashes = await Promise.all(names.map((name) => this.#redis.hgetall(`${this.#key}:${name}`)));
      return hashes.flatMap((hash) => strikeSchema.safeParse(hash).data ?? []);
    });
  }

  /** A job that started at this time by Redis's clock has succeeded. Written a moment later, for many jobs at once. */
  noteSuccess(queue: QueueName, startedAtMs: number): void {
    if (this.#successes.size === 0) {
      setTimeout(() => {
        const latest = new Map(this.#successes);
        this.#successes.clear();
        // Evidence that is not written only delays a verdict.
        this.#redis.hset(`${this.#key}:successes`, latest).catch(() => undefined);
      }, SUCCESS_INTERVAL_MS).unref();
    }
    this.#successes.set(queue, Math.max(startedAtMs, this.#successes.get(queue) ?? 0));
  }

  /** When the job started that succeeded last, in milliseconds since 1970; 0 when none did. */
  async lastSuccessStartedAtMs(queue: QueueName): Promise<number> {
    return await withRedisErrors('strikes', async () =>
      Number((await this.#redis.hget(`${this.#key}:successes`, queue)) ?? 0),
    );
  }

  #keyOf(queue: QueueName, item: string): string {
    return `${this.#key}:${queue}|${item}`;
  }
}
