import { recordOf } from '../domain/defined-fields.ts';
import { QUEUE_NAMES, type QueueName } from '../domain/queues.ts';
import type { RedisConnection } from './redis-connection.ts';

/** Counts in Redis how often jobs lost their workers, by death or because a worker did not renew its lock. */
export class LostJobs {
  readonly #redis: RedisConnection;
  readonly #key: string;

  constructor(redis: RedisConnection, prefix: string) {
    this.#redis = redis;
    this.#key = `${prefix}:lost-jobs`;
  }

  /** Never rejects: a count that is missing must not keep a job from being started again. */
  async count(queue: QueueName): Promise<void> {
    await this.#redis.hincrby(this.#key, queue, 1).catch(() => undefined);
  }

  /** Since Redis was last emptied. @throws when Redis does not answer. */
  async read(): Promise<Record<QueueName, number>> {
    const counts = await this.#redis.hgetall(this.#key);
    return recordOf(QUEUE_NAMES, (name) => Number(counts[name] ?? 0));
  }
}
