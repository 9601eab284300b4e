import type { RunDocument } from '../database/collection-documents.ts';
import type { Database } from '../database/database.ts';
import { collectJobId, collectRetryJobId, type RunKey } from '../queues/job-ids.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import type { RunCounts } from './report.ts';
import type { ReconcileOptions } from './reconcile-options.ts';

/**
 * Brings back the jobs of runs that none carries: a run goes on from its last checkpoint. One that has been overtaken
 * by a later run is closed when its job looks at it; where another run of the source is under way, the next look
 * comes back to it.
 */
export async function reconcileRuns(
  options: Pick<ReconcileOptions, 'database' | 'queues' | 'signal' | 'dryRun'>,
): Promise<RunCounts> {
  const { database, queues, signal, dryRun } = options;
  const open = [...(await database.runs.running()), ...(await database.runs.waiting())];
  const counts = { examined: open.length, resumed: 0 };
  for (const run of open) {
    signal.throwIfAborted();
    const key = { sourceId: run.source_id, scheduledFor: run.scheduled_for.toISOString() };
    const { round } = run;
    const [job, next] = await queues.presence('collect', [
      collectJobId(key, round),
      collectJobId(key, round + 1),
    ]);
    const [wait] = await queues.presence('retry', [collectRetryJobId(key, round)]);
    if (job === 'live' || next === 'live' || wait === 'live') continue;
    // It may have come to its end, or gone on, between the looks at MongoDB and Redis.
    if (await hasChanged(run, database)) continue;
    // An id that Redis remembers cannot be added again.
    const nextRound = job === 'missing' && wait === 'missing' ? round : round + 1;
    if (!dryRun) await resume(run, key, nextRound, queues);
    counts.resumed += 1;
  }
  return counts;
}

async function hasChanged(run: RunDocument, database: Database): Promise<boolean> {
  const now = await database.runs.find(run._id);
  return now?.status !== run.status || now.attempts !== run.attempts || now.round !== run.round;
}

async function resume(run: RunDocument, key: RunKey, round: number, queues: JobQueues): Promise<void> {
  const payload = { ...key, trigger: run.trigger };
  const delayMs = (run.next_retry_at?.getTime() ?? 0) - Date.now();
  if (run.status === 'failed' && round === run.round && delayMs > 0) {
    await queues.addCollectRetry({ ...payload, round }, delayMs);
  } else await queues.addCollect({ ...payload, round });
}
