import type { Redis } from 'ioredis';
import { OperatorError } from '../domain/job-errors.ts';
import { redisFailure } from './redis-failure.ts';

/** The clocks of two machines that are kept by NTP differ by less; MinIO and Azure refuse requests from 15 min on. */
const MOST_SKEW_MS = 5 * 60_000;
/** How old a measurement may be before a new one is made. */
const MEASURED_FOR_MS = 60_000;

/** This machine's clock is far off. What BullMQ would put off on this machine, it would put off by as much. */
export class ClockError extends OperatorError {
  constructor(aheadMs: number) {
    const minutes = Math.round(Math.abs(aheadMs) / 60_000);
    super(
      'local_configuration',
      `The clock of this machine is ${String(minutes)} min ${aheadMs > 0 ? 'ahead of' : 'behind'} that of Redis: set it right, or that one.`,
    );
  }
}

/**
 * The time by Redis's clock, the same for all hosts: when a job is due must not depend on the clock of the machine that
 * put it off. What is measured is how far this machine's clock is off; until then it is taken for right.
 */
export class RedisClock {
  readonly #redis: Redis;
  #aheadMs = 0;
  #measuredAt = -Infinity;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Milliseconds since 1970. */
  nowMs(): number {
    return Math.round(Date.now() - this.#aheadMs);
  }

  /**
   * Measures, unless that was done a moment ago.
   * @throws ClockError when this machine's clock is far off: BullMQ goes by it when it looks which jobs are due,
   *   OperatorError `redis_unavailable` when Redis does not tell its time.
   */
  async check(options: { readonly anew?: boolean } = {}): Promise<void> {
    if (options.anew === true || performance.now() - this.#measuredAt > MEASURED_FOR_MS)
      await this.#measure();
    if (Math.abs(this.#aheadMs) > MOST_SKEW_MS) throw new ClockError(this.#aheadMs);
  }

  async #measure(): Promise<void> {
    const before = Date.now();
    let time: readonly (number | string)[];
    try {
      time = await this.#redis.time();
    } catch (error) {
      throw redisFailure('time', error);
    }
    const [seconds, microseconds] = time.map(Number);
    // The answer was given somewhere between question and arrival.
    const here = (before + Date.now()) / 2;
    this.#aheadMs = here - ((seconds ?? 0) * 1_000 + (microseconds ?? 0) / 1_000);
    this.#measuredAt = performance.now();
  }
}
