import { latestDueSlot, latestPlausibleTime } from '../../config/cron.ts';
import type { Database } from '../../database/database.ts';
import { runId } from '../../database/run-repository.ts';
import { whyNotCollected, type ConfiguredSource } from '../configured-source.ts';
import { requestRun, type RunDependencies, type RunRequestResult } from './request-run.ts';

/** How many runs are checked; in practice a slot has few. */
const MAX_RUNS = 50;

/**
 * Requests the run of a slot of the schedule. The scheduled job may be late or come twice: a slot after which the
 * source was already collected gets no run.
 */
export async function requestScheduledRun(
  source: ConfiguredSource,
  slot: Date,
  requester: string,
  now: Date,
  dependencies: RunDependencies,
): Promise<RunRequestResult | { readonly outcome: 'superseded' }> {
  if (await wasCollectedSince(source, slot, now, dependencies.database)) return { outcome: 'superseded' };
  return await requestRun({ source, scheduledFor: slot, trigger: 'schedule', requester }, dependencies);
}

/**
 * Requests one run of each source whose latest slot was missed: no worker was running, the scheduled job was lost, or
 * the source is new. One run is enough however many slots were missed, because it continues from the cursor.
 * @returns the ids of the sources for which a run was added.
 */
export async function catchUp(
  sources: readonly ConfiguredSource[],
  requester: string,
  now: Date,
  dependencies: RunDependencies,
): Promise<string[]> {
  const caughtUp: string[] = [];
  for (const source of sources) {
    if (whyNotCollected(source, 'catch_up') !== undefined) continue;
    const slot = latestDueSlot(source.schedule, now);
    if (await wasCollectedSince(source, slot, now, dependencies.database)) continue;
    const request = { source, scheduledFor: slot, trigger: 'catch_up', requester } as const;
    const { outcome } = await requestRun(request, dependencies);
    if (outcome === 'added') caughtUp.push(source.id);
  }
  return caughtUp;
}

/** Whether a run began in or after the slot. A run in the future (from a wrong clock) does not count. */
async function wasCollectedSince(
  source: ConfiguredSource,
  slot: Date,
  now: Date,
  database: Database,
): Promise<boolean> {
  const runs = await database.runOverview.list(source.id, slot, latestPlausibleTime(slot, now), MAX_RUNS);
  const own = runId(source.id, slot);
  // requestRun handles the run of the slot itself.
  return runs.some((run) => run._id !== own && run.status !== 'skipped');
}
