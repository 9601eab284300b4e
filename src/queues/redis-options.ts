import type { ClusterOptions, RedisOptions } from 'ioredis';
import type { Config } from '../config/config.ts';
import type { RedisServers } from '../config/redis-url.ts';
import { definedFields } from '../domain/defined-fields.ts';

/**
 * What a connection is for. A worker waits for Redis as long as it takes; a producer (command, web request,
 * hand-over between stages) fails within seconds, so that its caller can say so; a check does not try again.
 */
export type ConnectionRole = 'worker' | 'producer' | 'check';

const CONNECT_TIMEOUT_MS = 10_000;
const PRODUCER_RETRIES_PER_REQUEST = 3;
/** A Redis that took the command and says nothing must not hold a job or a person for longer. */
const PRODUCER_COMMAND_TIMEOUT_MS = 10_000;
/** A connection on which an answer stays away for so long is given up; the next one may reach a Redis that lives. */
const PRODUCER_SILENCE_MS = 8_000;
const CHECK_TIMEOUT_MS = 5_000;
/**
 * Where another server may take over, a worker gives a silent one up too. Longer than BullMQ's blocking commands take, which
 * Redis answers within 10 s.
 */
const WORKER_SILENCE_MS = 30_000;
const MAX_RECONNECT_DELAY_MS = 2_000;
/** Between two tries of a command while a node of a cluster is replaced by its replica. */
const FAILOVER_RETRY_MS = 250;
/** As many tries as are made within a minute: a cluster promotes a replica within its `cluster-node-timeout` (15 s) and some. */
const WORKER_FAILOVER_RETRIES = 240;
const SLOTS_TIMEOUT_MS = 3_000;
/** How an old master refuses writes when another has taken over; a new connection reaches that one. */
const NO_MASTER = /\bREADONLY\b|^UNBLOCKED\b/;

const reconnectDelayMs = (times: number) => Math.min(100 * 2 ** Math.min(times, 10), MAX_RECONNECT_DELAY_MS);

/** How long a command may take in all; undefined: as long as it takes. */
export function commandDeadlineMs(role: ConnectionRole): number | undefined {
  switch (role) {
    case 'worker':
      return undefined;
    case 'producer':
      return PRODUCER_COMMAND_TIMEOUT_MS;
    case 'check':
      return CHECK_TIMEOUT_MS;
  }
}

/** Options of a connection to one server, which sentinels may choose. */
export function serverOptions(servers: RedisServers, config: Config['redis'], role: ConnectionRole) {
  const retryStrategy = role === 'check' ? () => null : reconnectDelayMs;
  return {
    ...nodeOptions(servers, config, role),
    ...(servers.kind === 'sentinel' ? sentinelOptions(servers, config, role) : servers.addresses[0]),
    db: servers.database,
    lazyConnect: role === 'check',
    retryStrategy,
    // 2: the command is sent again, on the new connection.
    reconnectOnError: (error) => (NO_MASTER.test(error.message) ? 2 : false),
  } satisfies RedisOptions;
}

/** Options of a connection to a cluster. */
export function clusterOptions(servers: RedisServers, config: Config['redis'], role: ConnectionRole) {
  return {
    redisOptions: nodeOptions(servers, config, role),
    clusterRetryStrategy: role === 'check' ? () => null : reconnectDelayMs,
    slotsRefreshTimeout: SLOTS_TIMEOUT_MS,
    retryDelayOnFailover: FAILOVER_RETRY_MS,
    retryDelayOnClusterDown: FAILOVER_RETRY_MS,
    maxRedirections: WORKER_FAILOVER_RETRIES,
    lazyConnect: role === 'check',
    // Names stay names: certificates are for names, and addresses behind a name may change.
    dnsLookup: (host, callback) => {
      callback(null, host);
    },
  } satisfies ClusterOptions;
}

/** What every connection has, also that to a node of a cluster. */
function nodeOptions(servers: RedisServers, config: Config['redis'], role: ConnectionRole) {
  return {
    connectionName: `sonotheque-${role}`,
    connectTimeout: role === 'check' ? CHECK_TIMEOUT_MS : CONNECT_TIMEOUT_MS,
    // BullMQ requires null for workers; with a number a blocked read would end after a short outage.
    maxRetriesPerRequest: role === 'worker' ? null : PRODUCER_RETRIES_PER_REQUEST,
    ...definedFields({
      commandTimeout: commandDeadlineMs(role),
      socketTimeout: silenceMs(servers, role),
      username: servers.username,
      password: servers.password,
      family: servers.family,
      tls: tlsOf(servers, config),
    }),
  };
}

function silenceMs({ kind }: RedisServers, role: ConnectionRole): number | undefined {
  if (role !== 'worker') return PRODUCER_SILENCE_MS;
  return kind === 'single' ? undefined : WORKER_SILENCE_MS;
}

function sentinelOptions(servers: RedisServers, config: Config['redis'], role: ConnectionRole) {
  return {
    sentinels: [...servers.addresses],
    role: 'master' as const,
    sentinelCommandTimeout: CHECK_TIMEOUT_MS,
    sentinelRetryStrategy: role === 'check' ? () => null : reconnectDelayMs,
    // They tell of a new master, also where the old one only hangs.
    failoverDetector: role !== 'check',
    enableTLSForSentinelMode: servers.useTls,
    ...definedFields({
      name: servers.masterName,
      sentinelUsername: config.sentinel?.username,
      sentinelPassword: config.sentinel?.password,
      sentinelTLS: tlsOf(servers, config),
    }),
  };
}

/** Copied: what is configured is frozen. */
function tlsOf({ useTls }: RedisServers, { tls }: Config['redis']): Config['redis']['tls'] {
  return useTls ? { ...tls } : undefined;
}
