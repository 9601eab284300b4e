import { z } from 'zod';
import { withRedisLock } from '../queues/redis-lock.ts';
import { parseJson } from '../runtime/json.ts';
import type { Alert, AlertChange } from './alert.ts';
import type { RedisConnection } from '../queues/redis-connection.ts';

/** Longer than an evaluation may take. */
const LOCK_MS = 180_000;

const alertSchema = z.object({
  key: z.string(),
  title: z.string(),
  message: z.string(),
  since: z.iso.datetime().transform((text) => new Date(text)),
});

/** The alerts that have been sent and have not ended, in Redis: a restart repeats none. */
export class SentAlerts {
  readonly #redis: RedisConnection;
  readonly #key: string;

  constructor(redis: RedisConnection, prefix: string) {
    this.#redis = redis;
    this.#key = `${prefix}:alerts`;
  }

  /**
   * Does work that no other worker does at the same time.
   * @returns undefined while another worker does it.
   */
  async runExclusively<T>(work: () => Promise<T>): Promise<T | undefined> {
    return await withRedisLock(this.#redis, `${this.#key}:lock`, LOCK_MS, work);
  }

  async list(): Promise<Alert[]> {
    const texts = await this.#redis.hvals(this.#key);
    return texts.flatMap((text) => alertSchema.safeParse(parseJson(text)).data ?? []);
  }

  /** Call it after the change has been sent. */
  async remember({ event, alert }: AlertChange): Promise<void> {
    if (event === 'resolved') await this.#redis.hdel(this.#key, alert.key);
    else await this.#redis.hset(this.#key, alert.key, JSON.stringify(alert));
  }
}
