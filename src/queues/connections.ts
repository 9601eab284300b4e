import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { Config } from '../config/config.ts';
import type { QueueName } from '../domain/queues.ts';

/**
 * What a connection is for. A worker waits for Redis as long as it takes; a producer (command, web request,
 * hand-over between stages) fails within seconds, so that its caller can say so.
 */
type ConnectionRole = 'worker' | 'producer';

const CONNECT_TIMEOUT_MS = 10_000;
const PRODUCER_RETRIES_PER_REQUEST = 3;
/** A Redis that took the command and says nothing must not hold a job or a person for longer. */
const PRODUCER_COMMAND_TIMEOUT_MS = 10_000;
/** A connection on which an answer stays away for so long is given up; the next one may reach a Redis that lives. */
const PRODUCER_SILENCE_MS = 8_000;
const MAX_RECONNECT_DELAY_MS = 2_000;

/** All queues and the connection they share. */
export interface QueueConnection {
  /** BullMQ's own queue, for the dashboard, metrics and look-ups. */
  queue(name: QueueName): Queue;
  /** For the small shared state beside the queues. Fails within seconds without Redis; closed with the queues. */
  readonly redis: Redis;
  /** What all keys in Redis begin with. */
  readonly prefix: string;
}

/** Opens a named Redis connection with the options of its role. The caller closes it. */
export function connectRedis(config: Config['redis'], role: ConnectionRole): Redis {
  const redis = new Redis(config.url, {
    connectionName: `sonotheque-${role}`,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // BullMQ requires null for workers; with a number a blocked read would end after a short outage.
    maxRetriesPerRequest: role === 'worker' ? null : PRODUCER_RETRIES_PER_REQUEST,
    ...(role === 'producer'
      ? { commandTimeout: PRODUCER_COMMAND_TIMEOUT_MS, socketTimeout: PRODUCER_SILENCE_MS }
      : {}),
    retryStrategy: (times) => Math.min(100 * 2 ** Math.min(times, 10), MAX_RECONNECT_DELAY_MS),
  });
  // Reconnecting is ioredis's own work; without a listener each refused try would be printed.
  redis.on('error', () => undefined);
  return redis;
}
