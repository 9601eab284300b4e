import type { Redis } from 'ioredis';
import { z } from 'zod';
import { QUEUE_NAMES, type QueueName } from './catalogue.ts';

/** `fault`: somebody must mend something. `back_pressure`: nothing is wrong, later stages must catch up first. */
export type PauseKind = 'fault' | 'back_pressure';

/** One worker process that takes no jobs of one queue, and why. */
export interface IntakePauseRecord {
  readonly queue: QueueName;
  /** Names the worker process. */
  readonly worker: string;
  readonly host: string;
  readonly kind: PauseKind;
  /** The error class, such as `disk_full`. */
  readonly class: string;
  readonly reason: string;
  readonly advice: string;
  readonly since: Date;
}

const recordSchema = z.object({
  queue: z.enum(QUEUE_NAMES),
  worker: z.string(),
  host: z.string(),
  kind: z.enum(['fault', 'back_pressure']),
  class: z.string(),
  reason: z.string(),
  advice: z.string(),
  since: z.iso.datetime().transform((text) => new Date(text)),
});

/**
 * The pauses of all workers, in Redis, where commands, dashboard and alerts read them. Each is a hash that expires
 * unless its worker renews it, so that a worker that died leaves no pause behind; a set names them.
 */
export class IntakePauses {
  readonly #redis: Redis;
  readonly #key: string;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#key = `${prefix}:pauses`;
  }

  /** Writes or renews a pause. @throws when Redis does not take it. */
  async put(pause: IntakePauseRecord, lifeMs: number): Promise<void> {
    const id = `${pause.queue}:${pause.worker}`;
    const key = `${this.#key}:${id}`;
    await settled(
      this.#redis
        .multi()
        .hset(key, { ...pause, since: pause.since.toISOString() })
        .pexpire(key, lifeMs)
        .sadd(this.#key, id),
    );
  }

  /** The intake is open again. @throws when Redis does not take it. */
  async remove(queue: QueueName, worker: string): Promise<void> {
    const id = `${queue}:${worker}`;
    await settled(this.#redis.multi().del(`${this.#key}:${id}`).srem(this.#key, id));
  }

  /** All pauses, the oldest first. */
  async list(): Promise<IntakePauseRecord[]> {
    const ids = await this.#redis.smembers(this.#key);
    const found = await Promise.all(
      ids.map(async (id) => ({ id, hash: await this.#redis.hgetall(`${this.#key}:${id}`) })),
    );
    const expired = found.filter(({ hash }) => Object.keys(hash).length === 0).map(({ id }) => id);
    if (expired.length > 0) await this.#redis.srem(this.#key, ...expired);
    return found
      .flatMap(({ hash }) => recordSchema.safeParse(hash).data ?? [])
      .sort((one, other) => one.since.getTime() - other.since.getTime());
  }
}

/** ioredis resolves a transaction also when commands in it were refused. */
async function settled(transaction: { exec(): Promise<[Error | null, unknown][] | null> }): Promise<void> {
  for (const [error] of (await transaction.exec()) ?? []) {
    if (error !== null) throw error;
  }
}
