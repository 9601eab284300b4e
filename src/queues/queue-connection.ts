import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { QueueName } from '../domain/queues.ts';

/** All queues and the connection they share. */
export interface QueueConnection {
  /** BullMQ's own queue, for the dashboard, metrics and look-ups. */
  queue(name: QueueName): Queue;
  /** For the small shared state beside the queues. Fails within seconds without Redis; closed with the queues. */
  readonly redis: Redis;
  /** What all keys in Redis begin with. */
  readonly prefix: string;
}
