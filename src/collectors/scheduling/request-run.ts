import type { RunDocument, RunTrigger } from '../../database/collections/run.ts';
import type { Database } from '../../database/database.ts';
import { runId } from '../../database/run-repository.ts';
import { collectJobId, collectRetryJobId, parseCollectJobId, type RunKey } from '../../queues/job-ids.ts';
import type { JobQueues } from '../../queues/job-queues.ts';
import type { ConfiguredSource } from '../configured-source.ts';

export interface RunDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
}

export interface SourceRunRequest {
  readonly source: ConfiguredSource;
  /** The slot of the schedule; for a manual run the current time. */
  readonly scheduledFor: Date;
  readonly trigger: RunTrigger;
  /** Who requests it; stored in the record of a skipped run. */
  readonly requester: string;
}

/** `runId` is the run that collects the source now, whoever requested it. */
export type RunRequestResult =
  | { readonly outcome: 'added'; readonly runId: string }
  /** The run of this time already exists. */
  | { readonly outcome: 'known'; readonly runId: string; readonly status: RunDocument['status'] }
  /** Another run of the source is waiting or active. */
  | { readonly outcome: 'overlap'; readonly runId: string | undefined };

/**
 * Requests a run of a source, for the schedule, the catch-up, the command and the dashboard. Runs of one source never
 * overlap: while one is waiting or active no other is added, and a scheduled one is recorded as skipped. A manual
 * request while a failed run waits for its retry starts that retry at once.
 * @throws TransientError when Redis or MongoDB does not answer.
 */
export async function requestRun(
  request: SourceRunRequest,
  dependencies: RunDependencies,
): Promise<RunRequestResult> {
  const { source, scheduledFor, trigger } = request;
  const { database, queues } = dependencies;
  const id = runId(source.id, scheduledFor);
  const known = await database.runs.findById(id);
  if (known !== undefined) return { outcome: 'known', runId: id, status: known.status };
  const waiting = await waitingRun(source.id, dependencies);
  if (waiting !== undefined) {
    if (trigger === 'manual') await retryNow(waiting, dependencies);
    else await recordOverlap(request, keyOf(waiting), dependencies);
    return { outcome: 'overlap', runId: waiting._id };
  }
  const payload = { sourceId: source.id, scheduledFor: scheduledFor.toISOString(), trigger, round: 0 };
  const addedId = await queues.add('collect', payload);
  if (addedId === collectJobId(payload, 0)) return { outcome: 'added', runId: id };
  const active = parseCollectJobId(addedId);
  await recordOverlap(request, active, dependencies);
  const activeId = active === undefined ? undefined : runId(active.sourceId, new Date(active.scheduledFor));
  return { outcome: 'overlap', runId: activeId };
}

/** The failed run of a source that waits for its retry. */
async function waitingRun(sourceId: string, { database }: RunDependencies): Promise<RunDocument | undefined> {
  const latest = await database.runOverview.latestOf(sourceId);
  const isWaiting = latest?.status === 'failed' && (latest.next_retry_at ?? null) !== null;
  return isWaiting ? latest : undefined;
}

async function retryNow(run: RunDocument, { queues }: RunDependencies): Promise<void> {
  const key = keyOf(run);
  if (await queues.jobs.promote('retry', collectRetryJobId(key, run.round))) return;
  // The retry job was lost or has just run. In both cases the job of the next round has the same id.
  await queues.add('collect', { ...key, trigger: run.trigger, round: run.round + 1 });
}

async function recordOverlap(
  { source, scheduledFor, trigger, requester }: SourceRunRequest,
  active: RunKey | undefined,
  { database }: RunDependencies,
): Promise<void> {
  // A catch-up is checked again later, and a person sees the result.
  if (trigger !== 'schedule') return;
  const note =
    active === undefined
      ? 'Another run of the source had not ended.'
      : `The run of ${active.scheduledFor} had not ended.`;
  const request = { sourceId: source.id, kind: source.kind, trigger, scheduledFor, round: 0 };
  await database.runs.recordSkipped({ ...request, worker: requester }, note, new Date());
}

function keyOf(run: RunDocument): RunKey {
  return { sourceId: run.source_id, scheduledFor: run.scheduled_for.toISOString() };
}
