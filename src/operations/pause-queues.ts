import type { Database } from '../database/database.ts';
import { QUEUE_NAMES, type QueueName } from '../domain/queues.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { audited, type Actor } from './audited.ts';

interface QueueDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
}

export interface QueueResult<Outcome extends string> {
  readonly queue: QueueName;
  readonly outcome: Outcome;
}

/** What "everything" pauses: the work. Repairs, alerts and snapshots go on, unless a person pauses them by name. */
export const WORK_QUEUES: readonly QueueName[] = QUEUE_NAMES.filter((name) => name !== 'maintenance');

export type PauseQueueOutcome = 'paused' | 'already_paused';

/**
 * Pauses queues for all workers on all hosts, until they are resumed. Jobs under way end; others may be added and wait. The
 * pause is on record in MongoDB, so that reconcile makes it again should Redis lose it.
 */
export async function pauseQueues(
  names: readonly QueueName[],
  actor: Actor,
  { database, queues }: QueueDependencies,
): Promise<QueueResult<PauseQueueOutcome>[]> {
  return await audited(database, actor, { operation: 'queues.pause', targets: names }, async () => {
    const results: QueueResult<PauseQueueOutcome>[] = [];
    for (const queue of names) {
      const isNew = await database.queuePauses.add(queue, { user: actor.user ?? null, via: actor.via });
      // A crash before this line leaves a pause that only the record knows: reconcile makes it.
      await queues.pause(queue);
      results.push({ queue, outcome: isNew ? 'paused' : 'already_paused' });
    }
    return results;
  });
}

export type ResumeQueueOutcome = 'resumed' | 'not_paused';

/** Lets workers take jobs of these queues again, whoever paused them. */
export async function resumeQueues(
  names: readonly QueueName[],
  actor: Actor,
  { database, queues }: QueueDependencies,
): Promise<QueueResult<ResumeQueueOutcome>[]> {
  return await audited(database, actor, { operation: 'queues.resume', targets: names }, async () => {
    const results: QueueResult<ResumeQueueOutcome>[] = [];
    for (const queue of names) {
      const wasRecorded = await database.queuePauses.remove(queue);
      const wasPaused = await queues.isPaused(queue);
      // A crash before this line leaves a pause without a record, which is shown, and which the same call ends.
      await queues.resume(queue);
      results.push({ queue, outcome: wasRecorded || wasPaused ? 'resumed' : 'not_paused' });
    }
    return results;
  });
}
