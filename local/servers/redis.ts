import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Redis } from 'ioredis';
import type { LocalServer } from './local-server.ts';
import { serverEnvironment } from './server-environment.ts';

/** A Redis with an append-only file and without eviction, as BullMQ needs it. */
export const redisServer: LocalServer = ({
  guard,
  program,
  directory,
  persistence,
  credentials,
  logFile,
}) => {
  const urlOf = (port: number) => `redis://:${credentials.redisPassword}@127.0.0.1:${port}`;
  return {
    name: 'Redis',
    start: (port) => {
      // A file and not arguments: other users of the machine can read a process's arguments.
      const file = path.join(directory, 'redis.conf');
      const lines = [
        'bind 127.0.0.1',
        `port ${port}`,
        `requirepass ${credentials.redisPassword}`,
        `dir ${JSON.stringify(directory)}`,
        'save ""',
        'maxmemory-policy noeviction',
        ...(persistence === 'disk' ? ['appendonly yes', 'appendfsync everysec'] : ['appendonly no']),
      ];
      writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
      return guard.spawnGuarded('redis', program('redisServer'), [file], {
        env: serverEnvironment(),
        logFile,
      });
    },
    ping: async (port) => {
      const client = new Redis(urlOf(port), { lazyConnect: true, retryStrategy: () => null });
      client.on('error', () => undefined);
      try {
        await client.connect();
        await client.ping();
      } finally {
        client.disconnect();
      }
    },
    variables: (port) => ({ REDIS_URL: urlOf(port) }),
  };
};
