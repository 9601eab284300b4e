import { Redis } from 'ioredis';
import type { Config } from '../../config/config.ts';
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
    const version = /^redis_version:(\S+)/m.exec(await client.info('server'))?.[1] ?? '';
    const persistence = /^aof_enabled:(\d)/m.exec(await client.info('persistence'))?.[1] === '1';
    const policy = /^maxmemory_policy:(\S+)/m.exec(await client.info('memory'))?.[1] ?? '';
    const problems = [
      ...(isAtLeast(version, OLDEST_REDIS) ? [] : ['use a newer Redis']),
      ...(policy === 'noeviction'
        ? []
        : ['set maxmemory-policy noeviction: jobs would vanish when memory is full']),
      ...(persistence ? [] : ['set appendonly yes: jobs would be lost when Redis restarts']),
    ];
    return {
      ...common,
      state: problems.length === 0 ? 'ok' : 'missing',
      found: `${version}, ${persistence ? 'AOF' : 'no AOF'}, ${policy}`,
      advice: problems.join('; '),
    };
  } catch (error) {
    const reason = firstLine(problem ?? error);
    return { ...common, state: 'missing', found: '', advice: `not reachable (${reason}): check REDIS_URL` };
  } finally {
    client.disconnect();
  }
}
