import type { RunDocument } from '../database/collections/run.ts';
import type { Database } from '../database/database.ts';
import { collectJobId, collectRetryJobId, type RunKey } from '../queues/job-ids.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import type { Counts } from './report.ts';

/**
 * Adds a new job for each unfinished run that has no live job; the run continues from its last checkpoint. The job itself
 * closes a run that a later run has replaced, and does nothing while another run of the source is in progress: then the
 * next reconcile adds a job again.
 */
export async function reconcileRuns(
  context: Pick<ReconcileContext, 'database' | 'queues' | 'signal' | 'dryRun'>,
): Promise<Counts<'runs'>> {
  const { database, queues, signal, dryRun } = context;
  const open = [...(await database.runOverview.running()), ...(await database.runOverview.waiting())];
  const counts = { examined: open.length, resumed: 0 };
  for (const run of open) {
    signal.throwIfAborted();
    const key = { sourceId: run.source_id, scheduledFor: run.scheduled_for.toISOString() };
    const { round } = run;
    const [job, next] = await queues.jobs.presence('collect', [
      collectJobId(key, round),
      collectJobId(key, round + 1),
    ]);
    const [scheduledRetry] = await queues.jobs.presence('retry', [collectRetryJobId(key, round)]);
    if (job === 'live' || next === 'live' || scheduledRetry === 'live') continue;
    // It may have changed between the reads of MongoDB and of Redis.
    if (await hasChanged(run, database)) continue;
    // A job id that Redis still knows cannot be added again.
    const nextRound = job === 'missing' && scheduledRetry === 'missing' ? round : round + 1;
    if (!dryRun) await resume(run, key, nextRound, queues);
    counts.resumed += 1;
  }
  return counts;
}

async function hasChanged(run: RunDocument, database: Database): Promise<boolean> {
  const now = await database.runs.findById(run._id);
  return now?.status !== run.status || now.attempts !== run.attempts || now.round !== run.round;
}

async function resume(run: RunDocument, key: RunKey, round: number, queues: JobQueues): Promise<void> {
  const payload = { ...key, trigger: run.trigger };
  const delayMs = (run.next_retry_at?.getTime() ?? 0) - Date.now();
  if (run.status === 'failed' && round === run.round && delayMs > 0) {
    await queues.add('retry', { stage: 'collect', ...payload, round }, { delayMs });
  } else await queues.add('collect', { ...payload, round });
}
