import type { QueueName } from '../../queues/catalogue.ts';
import type { JobQueues } from '../../queues/job-queues.ts';

/** The queues whose jobs use a way out to the site. */
export const RESTING_QUEUES: readonly QueueName[] = ['download', 'playlist'];

/** Ends the rests of the queues before their time. */
export async function endRests(queues: JobQueues): Promise<void> {
  await Promise.all(RESTING_QUEUES.map((name) => queues.queue(name).removeRateLimitKey()));
}
