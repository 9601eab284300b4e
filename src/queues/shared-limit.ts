import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { RedisConnection } from './redis-connection.ts';
import { runScript } from './redis-script.ts';

/** A member that does not return within this time has left. */
const LEASE_MS = 5_000;
/** A limit that nobody used for this long is forgotten: it says nothing about the store any more. */
const KEPT_MS = 600_000;
/** A service that limits is not asked to slow down more often than its answers can show an effect. */
const CUT_INTERVAL_MS = 1000;

/**
 * Keys: members (a sorted set, by the end of their leases), limit (a hash). Arguments: member, successes since its last call,
 * whether it was throttled, the most for each member, the share of a new one; a member that leaves gives a most of 0.
 */
const EXCHANGE = `
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local member, successes, throttled, most, first = ARGV[1], tonumber(ARGV[2]), ARGV[3] == '1', tonumber(ARGV[4]), tonumber(ARGV[5])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local isNew = redis.call('ZSCORE', KEYS[1], member) == false
local total = tonumber(redis.call('HGET', KEYS[2], 'total') or '0')
local cutAt = tonumber(redis.call('HGET', KEYS[2], 'cutAt') or '0')
local before = redis.call('ZCARD', KEYS[1])
if most == 0 then
  redis.call('ZREM', KEYS[1], member)
  if not isNew then total = total * (before - 1) / before end
else
  redis.call('ZADD', KEYS[1], now + ${String(LEASE_MS)}, member)
  if isNew then total = total + first end
  if throttled and now - cutAt >= ${String(CUT_INTERVAL_MS)} then
    total = total / 2
    cutAt = now
  elseif cutAt == 0 then
    total = total + successes
  elseif total > 0 then
    total = total + successes / total
  end
end
local members = redis.call('ZCARD', KEYS[1])
if most > 0 then total = math.max(members, math.min(members * most, total)) end
redis.call('HSET', KEYS[2], 'total', tostring(total), 'cutAt', tostring(cutAt))
redis.call('PEXPIRE', KEYS[1], ${String(KEPT_MS)})
redis.call('PEXPIRE', KEYS[2], ${String(KEPT_MS)})
if members == 0 then return {'0', 0} end
return {tostring(total / members), cutAt > 0 and 1 or 0}`;

/** What a member may do now. */
export interface LimitShare {
  /** Requests at once. */
  readonly share: number;
  /** Whether the service has throttled any member. */
  readonly wasCut: boolean;
}

/** The answer of the script. */
const ANSWER = z.tuple([z.coerce.number(), z.coerce.boolean()]);

/**
 * A limit of requests at once that processes share, so that one that is throttled slows all of them down: one more after each
 * success; half as many when the service throttles any, and from then on one more after each full round of successes of all.
 * (RFC 5681, section 3.1.) Each member has an equal share.
 */
export class SharedLimit {
  readonly #redis: RedisConnection;
  readonly #keys: readonly [string, string];
  readonly #member = randomUUID();

  /** @param name such as that of a container */
  constructor(redis: RedisConnection, prefix: string, name: string) {
    this.#redis = redis;
    this.#keys = [`${prefix}:limit:${name}:members`, `${prefix}:limit:${name}`];
  }

  /**
   * Takes part, and tells what happened since the last call. Called every second or so; one who does not call leaves.
   * @param most of one member. @param first what a new member adds.
   * @returns the share of each member. @throws when Redis does not answer.
   */
  async exchange(news: {
    readonly successes: number;
    readonly wasThrottled: boolean;
    readonly most: number;
    readonly first: number;
  }): Promise<LimitShare> {
    const { successes, wasThrottled, most, first } = news;
    const args = [this.#member, successes, wasThrottled ? '1' : '0', most, first];
    const [share, wasCut] = ANSWER.parse(await runScript(this.#redis, EXCHANGE, this.#keys, args));
    return { share, wasCut };
  }

  /** Gives the share back. */
  async leave(): Promise<void> {
    await this.exchange({ successes: 0, wasThrottled: false, most: 0, first: 0 });
  }
}
