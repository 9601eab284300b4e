import { disabledReason, type ConfiguredSource } from './configured-source.ts';
import type { RunDocument, RunTrigger } from '../database/collection-documents.ts';
import type { Database } from '../database/database.ts';
import { runId } from '../database/run-repository.ts';
import type { RunKey } from '../queues/job-ids.ts';
import type { JobQueues } from '../queues/job-queues.ts';

/** Where runs are kept and queued. */
export interface RunDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
}

/** Somebody or something wants a source to be collected. */
export interface WantedRun {
  readonly source: ConfiguredSource;
  /** The slot of the schedule; for a manual run now. */
  readonly scheduledFor: Date;
  readonly trigger: RunTrigger;
  /** Names who asks, in the record of a run that is not made. */
  readonly requester: string;
}

/** What came of it. `runId` is the run that collects the source now, whoever asked for it. */
export type RequestedRun =
  | { readonly outcome: 'added'; readonly runId: string }
  /** This very run was made already. */
  | { readonly outcome: 'known'; readonly runId: string; readonly status: RunDocument['status'] }
  /** Another run of the source waits or is under way. */
  | { readonly outcome: 'overlap'; readonly runId: string | undefined };

/**
 * Asks for a run of a source: the one call for schedule, catch-up, command and dashboard. Runs of one source never
 * overlap: while one waits or is under way, another is not made, and for a slot of the schedule that is written down.
 * A person who asks while a run waits for its next try gets that try at once.
 * @throws TransientError when Redis or MongoDB does not answer.
 */
export async function requestRun(wanted: WantedRun, dependencies: RunDependencies): Promise<RequestedRun> {
  const { source, scheduledFor, trigger } = wanted;
  const { database, queues } = dependencies;
  const id = runId(source.id, scheduledFor);
  const known = await database.runs.find(id);
  if (known !== undefined) return { outcome: 'known', runId: id, status: known.status };
  const waiting = await waitingRun(source.id, dependencies);
  if (waiting !== undefined) {
    if (trigger === 'manual') await bringForward(waiting, dependencies);
    else await recordOverlap(wanted, keyOf(waiting), dependencies);
    return { outcome: 'overlap', runId: waiting._id };
  }
  const payload = { sourceId: source.id, scheduledFor: scheduledFor.toISOString(), trigger, round: 0 };
  const addition = await queues.addCollect(payload);
  if (addition.outcome === 'added') return { outcome: 'added', runId: id };
  const { active } = addition;
  await recordOverlap(wanted, active, dependencies);
  const activeId = active === undefined ? undefined : runId(active.sourceId, new Date(active.scheduledFor));
  return { outcome: 'overlap', runId: activeId };
}

/** Why a source is not collected; a person may collect one that is only switched off. */
export function reasonAgainst(source: ConfiguredSource, trigger: RunTrigger): string | undefined {
  return trigger === 'manual' && source.missingKey === undefined ? undefined : disabledReason(source);
}

/** The run of a source that failed and waits for its next try. */
async function waitingRun(sourceId: string, { database }: RunDependencies): Promise<RunDocument | undefined> {
  const latest = await database.runOverview.latestOf(sourceId);
  const isWaiting = latest?.status === 'failed' && (latest.next_retry_at ?? null) !== null;
  return isWaiting ? latest : undefined;
}

async function bringForward(run: RunDocument, { queues }: RunDependencies): Promise<void> {
  const key = keyOf(run);
  if (await queues.promoteCollectRetry(key, run.round)) return;
  // The wait was lost, or is over at this moment: its next round is the same job either way.
  await queues.addCollect({ ...key, trigger: run.trigger, round: run.round + 1 });
}

async function recordOverlap(
  { source, scheduledFor, trigger, requester }: WantedRun,
  active: RunKey | undefined,
  { database }: RunDependencies,
): Promise<void> {
  // What is only caught up on is looked at again, and a person is told.
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
