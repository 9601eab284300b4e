import { randomUUID } from 'node:crypto';
import type { RedisConnection } from './redis-connection.ts';
import { runScript } from './redis-script.ts';

/** Deletes the lock only while it is still this holder's. */
const UNLOCK = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/**
 * Does work that no other process does at the same time.
 * @param lockMs longer than the work may take; a holder that dies keeps the others out for no longer.
 * @returns undefined while another process holds the lock.
 */
export async function withRedisLock<T>(
  redis: RedisConnection,
  key: string,
  lockMs: number,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const token = randomUUID();
  if ((await redis.set(key, token, 'PX', lockMs, 'NX')) === null) return undefined;
  try {
    return await work();
  } finally {
    await runScript(redis, UNLOCK, [key], [token]);
  }
}
