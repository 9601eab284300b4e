import type { ReconcileContext } from './reconcile-context.ts';
import { zeroCounts, type Counts } from './report.ts';

/**
 * Pauses the queues that people have paused: the mark that workers go by is in Redis, which may have lost it. A pause without a
 * record, made in Bull Board, is left alone.
 */
export async function reconcileQueues({
  database,
  queues,
  dryRun,
}: Pick<ReconcileContext, 'database' | 'queues' | 'dryRun'>): Promise<Counts<'queues'>> {
  const counts = zeroCounts('queues');
  for (const { _id: name } of await database.queuePauses.all()) {
    if (await queues.isPaused(name)) continue;
    counts.paused += 1;
    if (dryRun) continue;
    await queues.pause(name);
    // A person who resumed it meanwhile has removed the record first.
    const isStillWanted = (await database.queuePauses.findById(name)) !== undefined;
    if (!isStillWanted) await queues.resume(name);
  }
  return counts;
}
