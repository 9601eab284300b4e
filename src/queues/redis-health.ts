import type { Redis } from 'ioredis';
import { mastersOf, type RedisConnection } from './redis-connection.ts';

/** A setting of Redis that endangers jobs, and how to mend it. */
export interface RedisWarning {
  /** Its name in redis.conf. */
  readonly setting: 'maxmemory-policy' | 'appendonly' | 'maxmemory';
  readonly message: string;
  readonly advice: string;
}

/** From this part of its memory on a server counts as nearly full. */
const NEARLY_FULL = 0.9;

/** What one server says of itself. */
interface ServerHealth {
  readonly version: string;
  readonly hasAppendOnlyFile: boolean;
  readonly evictionPolicy: string;
  readonly warnings: readonly RedisWarning[];
}

/**
 * Reads version, persistence and memory of the server, or of all masters of a cluster: then it is the oldest version, and
 * warnings name their nodes. @throws when one does not answer.
 */
export async function readRedisHealth(redis: RedisConnection): Promise<ServerHealth> {
  // The nodes of a cluster are known when it has answered.
  await redis.ping();
  const masters = mastersOf(redis);
  const found = await Promise.all(masters.map(readServerHealth));
  const versions = found.map(({ version }) => version);
  const bySetting = Map.groupBy(
    found.flatMap(({ warnings }, index) => warnings.map((warning) => ({ warning, node: masters[index] }))),
    ({ warning }) => warning.setting,
  );
  return {
    version: versions.sort((one, other) => one.localeCompare(other, 'en', { numeric: true }))[0] ?? '',
    hasAppendOnlyFile: found.every(({ hasAppendOnlyFile }) => hasAppendOnlyFile),
    evictionPolicy: [...new Set(found.map(({ evictionPolicy }) => evictionPolicy))].join(', '),
    warnings: [...bySetting.values()].flatMap(([first, ...others]) => {
      if (first === undefined) return [];
      if (!redis.isCluster) return [first.warning];
      const nodes = [first, ...others].map(
        ({ node }) => `${node?.options.host ?? '?'}:${String(node?.options.port)}`,
      );
      return [{ ...first.warning, message: `${first.warning.message} On ${nodes.sort().join(', ')}.` }];
    }),
  };
}

async function readServerHealth(redis: Redis): Promise<ServerHealth> {
  // Sections one by one: Redis before 7 takes only one name.
  const sections = await Promise.all(['server', 'persistence', 'memory'].map((name) => redis.info(name)));
  const info = new Map(
    sections
      .join('\n')
      .split(/\r?\n/)
      .map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon), line.slice(colon + 1)];
      }),
  );
  const hasAppendOnlyFile = info.get('aof_enabled') === '1';
  const evictionPolicy = info.get('maxmemory_policy') ?? '';
  const used = Number(info.get('used_memory') ?? 0) / Number(info.get('maxmemory') ?? 0);
  return {
    version: info.get('redis_version') ?? '',
    hasAppendOnlyFile,
    evictionPolicy,
    warnings: [
      ...(evictionPolicy === 'noeviction' ? [] : [policyWarning(evictionPolicy)]),
      ...(hasAppendOnlyFile ? [] : [APPEND_ONLY_WARNING]),
      // Without a limit (0) the quotient is infinite.
      ...(Number.isFinite(used) && used >= NEARLY_FULL ? [memoryWarning(used)] : []),
    ],
  };
}

const APPEND_ONLY_WARNING: RedisWarning = {
  setting: 'appendonly',
  message:
    'Redis keeps no append-only file: jobs are lost when it restarts, and must be rebuilt from MongoDB.',
  advice: 'Set `appendonly yes` in redis.conf, or now with `redis-cli config set appendonly yes`.',
};

function policyWarning(policy: string): RedisWarning {
  return {
    setting: 'maxmemory-policy',
    message: `Redis throws jobs away when its memory is full: its maxmemory-policy is ${policy}.`,
    advice:
      'Set `maxmemory-policy noeviction` in redis.conf, or now with `redis-cli config set maxmemory-policy noeviction`.',
  };
}

function memoryWarning(used: number): RedisWarning {
  return {
    setting: 'maxmemory',
    message:
      used >= 1
        ? 'The memory of Redis is full: it takes no more jobs.'
        : `The memory of Redis is ${String(Math.floor(used * 100))} % full; when it is full no more jobs are taken.`,
    advice: 'Raise `maxmemory`, or clean finished jobs in the dashboard.',
  };
}
