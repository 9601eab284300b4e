import { createHash } from 'node:crypto';
import type { RedisConnection } from './redis-connection.ts';

/** Of the scripts of this program, which are few. */
const hashes = new Map<string, string>();

/**
 * Runs a script in Lua. Redis gets its hash, and the whole text only when it does not know it: some are kilobytes, and run for
 * each job.
 * @param keys all in one slot of a cluster
 * @throws what Redis says
 */
export async function runScript(
  redis: RedisConnection,
  script: string,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  let hash = hashes.get(script);
  if (hash === undefined) {
    hash = createHash('sha1').update(script).digest('hex');
    hashes.set(script, hash);
  }
  try {
    return await redis.evalsha(hash, keys.length, ...keys, ...args);
  } catch (error) {
    // Redis was restarted, or this server of a cluster has not run it yet.
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return await redis.eval(script, keys.length, ...keys, ...args);
  }
}
