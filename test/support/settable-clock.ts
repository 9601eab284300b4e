import type { Redis } from 'ioredis';

/** A clock for the egress ledger, kept in a key, so that an hour passes at once. */
export function settableClock(redis: Redis, prefix: string) {
  const key = `${prefix}:clock`;
  return {
    /** In the place of Redis's own clock. */
    source: `local function clock() return tonumber(redis.call('GET', '${key}')) end\n`,
    set: async (nowMs: number): Promise<void> => {
      await redis.set(key, nowMs);
    },
    advance: async (byMs: number): Promise<void> => {
      await redis.incrby(key, byMs);
    },
  };
}
