import type { RedisConnection } from '../../src/queues/redis-connection.ts';

/** A clock for the egress ledger in a key of Redis, so that a test can advance it. */
export function settableClock(redis: RedisConnection, prefix: string) {
  const key = `${prefix}:clock`;
  return {
    /** Replaces the clock of Redis. */
    source: `local function clock() return tonumber(redis.call('GET', '${key}')) end\n`,
    set: async (nowMs: number): Promise<void> => {
      await redis.set(key, nowMs);
    },
    advance: async (byMs: number): Promise<void> => {
      await redis.incrby(key, byMs);
    },
  };
}
