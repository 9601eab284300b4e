import { z } from 'zod';
import { QUEUE_NAMES, type QueueName } from '../domain/queues.ts';
import type { RedisConnection } from './redis-connection.ts';

const pauseSchema = z.object({
  queue: z.enum(QUEUE_NAMES),
  /** The name of the worker process. */
  worker: z.string(),
  host: z.string(),
  /** `fault`: a person must repair something. `back_pressure`: later stages must catch up first. */
  kind: z.enum(['fault', 'back_pressure']),
  /** The error class, such as `disk_full`. */
  class: z.string(),
  reason: z.string(),
  advice: z.string(),
  /** The item whose job met the fault. */
  item: z.string().exactOptional(),
  since: z.iso.datetime().transform((text) => new Date(text)),
});

/** One worker process that takes no jobs of one queue, and why. */
export type IntakePauseRecord = Readonly<z.output<typeof pauseSchema>>;

/**
 * The pauses of all workers, in Redis, where commands, dashboard and alerts read them. Each is a hash that expires
 * unless its worker renews it, so that a worker that died leaves no pause behind; a set holds their ids.
 */
export class IntakePauses {
  readonly #redis: RedisConnection;
  readonly #key: string;

  constructor(redis: RedisConnection, prefix: string) {
    this.#redis = redis;
    this.#key = `${prefix}:pauses`;
  }

  /** Writes or renews a pause. @throws when Redis does not take it. */
  async put(pause: IntakePauseRecord, ttlMs: number): Promise<void> {
    const id = `${pause.queue}:${pause.worker}`;
    const key = `${this.#key}:${id}`;
    await execute(
      this.#redis
        .multi()
        .hset(key, { ...pause, since: pause.since.toISOString() })
        .pexpire(key, ttlMs)
        .sadd(this.#key, id),
    );
  }

  /** @throws when Redis does not take it. */
  async remove(queue: QueueName, worker: string): Promise<void> {
    const id = `${queue}:${worker}`;
    await execute(this.#redis.multi().del(`${this.#key}:${id}`).srem(this.#key, id));
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
      .flatMap(({ hash }) => pauseSchema.safeParse(hash).data ?? [])
      .sort((one, other) => one.since.getTime() - other.since.getTime());
  }
}

/** ioredis resolves a transaction also when commands in it were refused. */
async function execute(transaction: { exec(): Promise<[Error | null, unknown][] | null> }): Promise<void> {
  for (const [error] of (await transaction.exec()) ?? []) {
    if (error !== null) throw error;
  }
}
