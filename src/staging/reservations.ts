import type { Redis } from 'ioredis';
import { z } from 'zod';
import { withRedisErrors } from '../queues/redis-failure.ts';
import type { ReservationTotals } from './capacity.ts';

/** Removes expired reservations, by the clock of Redis: those of hosts differ. */
const REMOVE_EXPIRED = `
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
for _, holder in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  redis.call('ZREM', KEYS[1], holder)
  redis.call('HDEL', KEYS[2], holder)
end`;

const READ = `${REMOVE_EXPIRED}
local bytes = 0
local all = redis.call('HVALS', KEYS[2])
for _, value in ipairs(all) do bytes = bytes + value end
return {redis.call('GET', KEYS[3]) or '0', #all, string.format('%.0f', bytes)}`;

const WRITE = `
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])`;

const ADD = `${REMOVE_EXPIRED}
if (redis.call('GET', KEYS[3]) or '0') ~= ARGV[4] then return 0 end
redis.call('SET', KEYS[3], ARGV[4] + 1, 'EX', 86400)
${WRITE}
return 1`;

const RENEW = `${REMOVE_EXPIRED}
${WRITE}`;

const RELEASE = `
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('PUBLISH', ARGV[2], '')`;

const readSchema = z.tuple([z.string(), z.number(), z.coerce.number()]);

/**
 * The bytes that downloads have reserved in one staging directory, in Redis for all workers that share it. Each
 * reservation is a lease: it expires when its worker dies, and its renewal restores it when Redis has lost it.
 */
export class ReservationLedger {
  readonly #redis: Redis;
  readonly #keys: readonly [string, string, string];
  readonly #leaseMs: number;
  /** Pub/sub channel on which freed capacity is announced. */
  readonly channel: string;

  constructor(redis: Redis, prefix: string, stagingId: string, leaseMs: number) {
    const base = `${prefix}:staging:${stagingId}`;
    this.#redis = redis;
    this.#keys = [`${base}:leases`, `${base}:bytes`, `${base}:version`];
    this.#leaseMs = leaseMs;
    this.channel = `${base}:room`;
  }

  /** @returns `version` changes with each new reservation. */
  async read(): Promise<ReservationTotals & { readonly version: string }> {
    const [version, downloads, bytes] = readSchema.parse(await this.#run('read reservations', READ, []));
    return { version, downloads, bytes };
  }

  /** Reserves, unless another download has reserved since `version` was read. @returns whether it did. */
  async add(holder: string, bytes: number, version: string): Promise<boolean> {
    return (await this.#run('reserve', ADD, [holder, bytes, this.#leaseMs, version])) === 1;
  }

  /** Call it several times a lease. */
  async renew(holder: string, bytes: number): Promise<void> {
    await this.#run('renew a reservation', RENEW, [holder, bytes, this.#leaseMs]);
  }

  async release(holder: string): Promise<void> {
    await this.#run('release a reservation', RELEASE, [holder, this.channel]);
  }

  /** Notifies all waiting workers that capacity was freed. */
  async announceCapacity(): Promise<void> {
    await this.#redis.publish(this.channel, '');
  }

  async #run(what: string, script: string, args: readonly (string | number)[]): Promise<unknown> {
    return await withRedisErrors(what, () =>
      this.#redis.eval(script, this.#keys.length, ...this.#keys, ...args),
    );
  }
}
