import type { Redis } from 'ioredis';
import { z } from 'zod';
import { redisFailure } from '../queues/redis-failure.ts';
import type { Reserved } from './capacity.ts';

/** Removes the reservations whose worker has not renewed them. Redis's clock counts: those of hosts differ. */
const FORGET_LOST = `
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
for _, holder in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  redis.call('ZREM', KEYS[1], holder)
  redis.call('HDEL', KEYS[2], holder)
end`;

const READ = `${FORGET_LOST}
local bytes = 0
local all = redis.call('HVALS', KEYS[2])
for _, value in ipairs(all) do bytes = bytes + value end
return {redis.call('GET', KEYS[3]) or '0', #all, string.format('%.0f', bytes)}`;

const WRITE = `
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])`;

const ADD = `${FORGET_LOST}
if (redis.call('GET', KEYS[3]) or '0') ~= ARGV[4] then return 0 end
redis.call('SET', KEYS[3], ARGV[4] + 1, 'EX', 86400)
${WRITE}
return 1`;

const RENEW = `${FORGET_LOST}
${WRITE}`;

const RELEASE = `
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('PUBLISH', ARGV[2], '')`;

const readSchema = z.tuple([z.string(), z.number(), z.coerce.number()]);

/** What was reserved at one moment; `version` changes whenever somebody reserves. */
export interface Reservations extends Reserved {
  readonly version: string;
}

/**
 * The bytes that downloads have set aside in one staging directory, kept in Redis for all workers that share it.
 * Each is a lease: that of a worker that died ends by itself, and one that Redis lost comes back with its renewal.
 */
export class ReservationLedger {
  readonly #redis: Redis;
  readonly #keys: readonly [string, string, string];
  readonly #leaseMs: number;
  /** Where is told that there is more room. */
  readonly channel: string;

  constructor(redis: Redis, prefix: string, stagingId: string, leaseMs: number) {
    const base = `${prefix}:staging:${stagingId}`;
    this.#redis = redis;
    this.#keys = [`${base}:leases`, `${base}:bytes`, `${base}:version`];
    this.#leaseMs = leaseMs;
    this.channel = `${base}:room`;
  }

  async read(): Promise<Reservations> {
    const [version, downloads, bytes] = readSchema.parse(await this.#run('read reservations', READ, []));
    return { version, downloads, bytes };
  }

  /** Reserves, unless somebody else has reserved since `version` was read. @returns whether it did. */
  async add(holder: string, bytes: number, version: string): Promise<boolean> {
    return (await this.#run('reserve', ADD, [holder, bytes, this.#leaseMs, version])) === 1;
  }

  /** To be called more often than every lease. */
  async renew(holder: string, bytes: number): Promise<void> {
    await this.#run('renew a reservation', RENEW, [holder, bytes, this.#leaseMs]);
  }

  async release(holder: string): Promise<void> {
    await this.#run('release a reservation', RELEASE, [holder, this.channel]);
  }

  /** Tells all workers that wait that there is more room. */
  async announceCapacity(): Promise<void> {
    try {
      await this.#redis.publish(this.channel, '');
    } catch (error) {
      throw redisFailure('announce room', error);
    }
  }

  async #run(what: string, script: string, args: readonly (string | number)[]): Promise<unknown> {
    try {
      return await this.#redis.eval(script, this.#keys.length, ...this.#keys, ...args);
    } catch (error) {
      throw redisFailure(what, error);
    }
  }
}
