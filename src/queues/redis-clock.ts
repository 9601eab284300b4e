import { z } from 'zod';
import { OperatorError } from '../domain/job-errors.ts';
import { withRedisErrors } from './redis-failure.ts';
import type { RedisConnection } from './redis-connection.ts';
import { runScript } from './redis-script.ts';

/** The clocks of two machines that are kept by NTP differ by less; MinIO and Azure refuse requests from 15 min on. */
const MAX_SKEW_MS = 5 * 60_000;
const MEASUREMENT_TTL_MS = 60_000;

/** A key names the node of a cluster that has the jobs: the others have clocks of their own. Nothing is kept in it. */
const TIME = `return redis.call('TIME')`;
const timeSchema = z.tuple([z.coerce.number(), z.coerce.number()]);

/** This machine's clock is wrong: what BullMQ delays on this machine, it would delay by as much. */
export class ClockError extends OperatorError {
  constructor(aheadMs: number) {
    const minutes = String(Math.round(Math.abs(aheadMs) / 60_000));
    const direction = aheadMs > 0 ? 'ahead of' : 'behind';
    super(
      'local_configuration',
      `The clock of this machine is ${minutes} min ${direction} that of Redis. Correct the wrong one.`,
    );
  }
}

/**
 * The time by Redis's clock, the same for all hosts: when a job is due must not depend on the clock of the machine that
 * delayed it. It measures how far this machine's clock is off; until the first measurement it takes it as right.
 */
export class RedisClock {
  readonly #redis: RedisConnection;
  readonly #key: string;
  #aheadMs = 0;
  #measuredAt = -Infinity;

  constructor(redis: RedisConnection, prefix: string) {
    this.#redis = redis;
    this.#key = `${prefix}:clock`;
  }

  /** Milliseconds since 1970. */
  nowMs(): number {
    return Math.round(Date.now() - this.#aheadMs);
  }

  /**
   * Measures, unless the last measurement is fresh.
   * @throws ClockError when this machine's clock is far off: BullMQ goes by it when it looks which jobs are due;
   *   OperatorError `redis_unavailable` when Redis does not answer.
   */
  async check(options: { readonly anew?: boolean } = {}): Promise<void> {
    const ageMs = performance.now() - this.#measuredAt;
    if (options.anew === true || ageMs > MEASUREMENT_TTL_MS) await this.#measure();
    if (Math.abs(this.#aheadMs) > MAX_SKEW_MS) throw new ClockError(this.#aheadMs);
  }

  async #measure(): Promise<void> {
    const before = Date.now();
    const answer = await withRedisErrors('time', () => runScript(this.#redis, TIME, [this.#key], []));
    const [seconds, microseconds] = timeSchema.parse(answer);
    // Redis read its clock at some moment between question and answer.
    const here = (before + Date.now()) / 2;
    this.#aheadMs = here - (seconds * 1_000 + microseconds / 1_000);
    this.#measuredAt = performance.now();
  }
}
