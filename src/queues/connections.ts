import type { Queue } from 'bullmq';
import type { Config } from '../config/config.ts';
import { parseRedisUrl } from '../config/redis-url.ts';
import type { QueueName } from '../domain/queues.ts';
import { RedisCluster } from './redis-cluster.ts';
import { noteFailures, type RedisConnection } from './redis-connection.ts';
import { clusterOptions, commandDeadlineMs, serverOptions, type ConnectionRole } from './redis-options.ts';
import { RedisServer } from './redis-server.ts';

/** All queues and the connection they share. */
export interface QueueConnection {
  /** BullMQ's own queue, for the dashboard, metrics and look-ups. */
  queue(name: QueueName): Queue;
  /** For the small shared state beside the queues. Fails within seconds without Redis; closed with the queues. */
  readonly redis: RedisConnection;
  /** What all keys in Redis begin with. */
  readonly prefix: string;
}

/**
 * Opens a named connection to what `REDIS_URL` names, with the options of its role; no other place opens one. The caller
 * closes it. One for a check waits for `connect` to be called.
 */
export function connectRedis(config: Config['redis'], role: ConnectionRole): RedisConnection {
  const redis = open(config, role);
  // Reconnecting is ioredis's own work.
  noteFailures(redis);
  return redis;
}

function open(config: Config['redis'], role: ConnectionRole): RedisConnection {
  const servers = parseRedisUrl(config.url);
  if (servers.kind !== 'cluster') return new RedisServer(serverOptions(servers, config, role));
  const options = clusterOptions(servers, config, role);
  return new RedisCluster(servers.addresses, options, commandDeadlineMs(role));
}
