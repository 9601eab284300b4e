import { Redis } from 'ioredis';
import type { Config } from '../../config/config.ts';
import { readRedisHealth } from '../../queues/redis-health.ts';
import { isAtLeast, type Finding } from './finding.ts';
import { firstLine, hostOf } from './server-text.ts';

/** BullMQ's recommendation. */
const OLDEST_REDIS = '6.2';
const TIMEOUT_MS = 5_000;

/** Version, append-only file and eviction policy of Redis; never throws. */
export async function checkRedis(config: Config['redis']): Promise<Finding> {
  const common = {
    name: 'redis',
    needed: `${OLDEST_REDIS} or newer, AOF, noeviction`,
    where: hostOf(config.url),
  };
  const client = new Redis(config.url, {
    lazyConnect: true,
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    retryStrategy: () => null,
  });
  let problem: unknown;
  client.on('error', (error: unknown) => {
    problem = error;
  });
  try {
    await client.connect();
    const { version, hasAppendOnlyFile, evictionPolicy, warnings } = await readRedisHealth(client);
    const problems = [
      ...(isAtLeast(version, OLDEST_REDIS) ? [] : ['Use a newer Redis.']),
      ...warnings.map(({ message, advice }) => `${message} ${advice}`),
    ];
    return {
      ...common,
      state: problems.length === 0 ? 'ok' : 'missing',
      found: `${version}, ${hasAppendOnlyFile ? 'AOF' : 'no AOF'}, ${evictionPolicy}`,
      advice: problems.join(' '),
    };
  } catch (error) {
    const reason = firstLine(problem ?? error);
    return { ...common, state: 'missing', found: '', advice: `not reachable (${reason}): check REDIS_URL` };
  } finally {
    client.disconnect();
  }
}
