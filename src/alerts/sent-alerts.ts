import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Alert, AlertChange } from './alert.ts';

/** Longer than an evaluation may take. */
const LOCK_MS = 180_000;
const UNLOCK = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

const alertSchema = z.object({
  key: z.string(),
  title: z.string(),
  message: z.string(),
  since: z.iso.datetime().transform((text) => new Date(text)),
});

/** The alerts that somebody was told of and that are not over, in Redis: a restart repeats none. */
export class SentAlerts {
  readonly #redis: Redis;
  readonly #key: string;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#key = `${prefix}:alerts`;
  }

  /**
   * Does something that no other worker does at the same time.
   * @returns undefined when another worker is at it.
   */
  async alone<T>(work: () => Promise<T>): Promise<T | undefined> {
    const lock = `${this.#key}:lock`;
    const token = randomUUID();
    if ((await this.#redis.set(lock, token, 'PX', LOCK_MS, 'NX')) !== 'OK') return undefined;
    try {
      return await work();
    } finally {
      await this.#redis.eval(UNLOCK, 1, lock, token);
    }
  }

  async list(): Promise<Alert[]> {
    const texts = await this.#redis.hvals(this.#key);
    return texts.flatMap((text) => alertSchema.safeParse(parsed(text)).data ?? []);
  }

  /** Somebody was told of this change. */
  async remember({ event, alert }: AlertChange): Promise<void> {
    if (event === 'resolved') await this.#redis.hdel(this.#key, alert.key);
    else await this.#redis.hset(this.#key, alert.key, JSON.stringify(alert));
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
