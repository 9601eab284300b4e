import type { Redis } from 'ioredis';
import { QUEUE_NAMES, type QueueName } from './catalogue.ts';

/** How often jobs have lost their workers (by death, or by standing still for longer than a lock), counted in Redis. */
export class LostJobs {
  readonly #redis: Redis;
  readonly #key: string;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#key = `${prefix}:lost-jobs`;
  }

  /** Never rejects: a count that is missing must not keep a job from starting again. */
  async count(queue: QueueName): Promise<void> {
    await this.#redis.hincrby(this.#key, queue, 1).catch(() => undefined);
  }

  /** Since Redis was last emptied. @throws when Redis does not answer. */
  async read(): Promise<Record<QueueName, number>> {
    const counts = await this.#redis.hgetall(this.#key);
    return Object.fromEntries(QUEUE_NAMES.map((name) => [name, Number(counts[name] ?? 0)])) as Record<
      QueueName,
      number
    >;
  }
}
