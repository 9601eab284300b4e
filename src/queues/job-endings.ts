import { QueueEvents } from 'bullmq';
import type { Config } from '../config/config.ts';
import type { QueueName } from '../domain/queues.ts';
import { connectRedis } from './connections.ts';

/**
 * Listens to a queue, so that nobody has to ask again and again. What Redis does not deliver is missed: the listener looks
 * at the record, now and then by itself.
 * @param onChange called when a job completed, failed or was put off.
 */
export async function listenToJobs(config: Config['redis'], queue: QueueName, onChange: () => void) {
  const connection = connectRedis(config, 'worker');
  const events = new QueueEvents(queue, { connection, prefix: config.prefix });
  events.on('error', () => undefined);
  events.on('completed', onChange);
  events.on('failed', onChange);
  events.on('delayed', onChange);
  await events.waitUntilReady();
  return {
    close: async (): Promise<void> => {
      await events.close();
      connection.disconnect();
    },
  };
}
