import type { RedisConnection } from './redis-connection.ts';

const MINUTE_MS = 60_000;
/** Failed logins of so many minutes are counted together. */
export const FAILED_LOGIN_MINUTES = 10;
const KEPT_SECONDS = 3_600;

/** Counts in Redis how often a login at a dashboard failed, for the alert that workers send. */
export class FailedLogins {
  readonly #redis: RedisConnection;
  readonly #key: string;

  constructor(redis: RedisConnection, prefix: string) {
    this.#redis = redis;
    this.#key = `${prefix}:failed-logins`;
  }

  /** Never rejects: a count that is missing must not keep anybody from the login page. */
  async count(address: string, at: Date): Promise<void> {
    const key = this.#minute(at.getTime());
    await this.#redis
      .multi()
      .incr(key)
      .expire(key, KEPT_SECONDS)
      .set(`${this.#key}:last`, address, 'EX', KEPT_SECONDS)
      .exec()
      .catch(() => undefined);
  }

  /** Those of the last minutes, and the address of the last one. @throws when Redis does not answer. */
  async recent(at: Date): Promise<{ readonly count: number; readonly lastAddress: string | undefined }> {
    const minutes = Array.from({ length: FAILED_LOGIN_MINUTES }, (_, ago) =>
      this.#minute(at.getTime() - ago * MINUTE_MS),
    );
    const [last, ...counts] = await this.#redis.mget(`${this.#key}:last`, ...minutes);
    return {
      count: counts.reduce((sum, text) => sum + Number(text ?? 0), 0),
      lastAddress: last ?? undefined,
    };
  }

  #minute(atMs: number): string {
    return `${this.#key}:${String(Math.floor(atMs / MINUTE_MS))}`;
  }
}
