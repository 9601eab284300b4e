import type { ConfiguredSource } from './configured-source.ts';
import { previousTick } from '../config/cron.ts';
import type { Database } from '../database/database.ts';
import { runId } from '../database/run-repository.ts';
import { reasonAgainst, requestRun, type RequestedRun, type RunDependencies } from './request-run.ts';

/** Clocks of different hosts differ by so much at most. */
const CLOCK_TOLERANCE_MS = 60_000;
/** A slot is left to its own tick for so long before it counts as missed. */
const MISSED_AFTER_MS = 60_000;
/** Runs of one slot's time that are looked at; there are a few at most. */
const MOST_RUNS = 50;

/**
 * A tick of the schedule has come, perhaps late or for the second time. A slot after which the source was collected
 * already is not made up for.
 * @param slot the time that the tick stands for.
 */
export async function runScheduled(
  source: ConfiguredSource,
  slot: Date,
  requester: string,
  now: Date,
  dependencies: RunDependencies,
): Promise<RequestedRun | { readonly outcome: 'superseded' }> {
  if (await wasCollectedSince(source, slot, now, dependencies.database)) return { outcome: 'superseded' };
  return await requestRun({ source, scheduledFor: slot, trigger: 'schedule', requester }, dependencies);
}

/**
 * Asks for one run of each source whose latest slot came to nothing: while nothing ran, when the tick was lost, or
 * because the source is new. However many slots were missed, one run makes up for them: it goes on from the cursor.
 * @returns the ids of the sources that are caught up on.
 */
export async function catchUp(
  sources: readonly ConfiguredSource[],
  requester: string,
  now: Date,
  dependencies: RunDependencies,
): Promise<string[]> {
  const caughtUp: string[] = [];
  for (const source of sources) {
    if (reasonAgainst(source, 'catch_up') !== undefined) continue;
    const slot = previousTick(source.schedule, new Date(now.getTime() - MISSED_AFTER_MS));
    if (await wasCollectedSince(source, slot, now, dependencies.database)) continue;
    const wanted = { source, scheduledFor: slot, trigger: 'catch_up', requester } as const;
    const { outcome } = await requestRun(wanted, dependencies);
    if (outcome === 'added') caughtUp.push(source.id);
  }
  return caughtUp;
}

/** Whether a run began in or after the slot. One in the future, by a clock that was wrong, does not count. */
async function wasCollectedSince(
  source: ConfiguredSource,
  slot: Date,
  now: Date,
  database: Database,
): Promise<boolean> {
  const to = new Date(Math.max(now.getTime(), slot.getTime()) + CLOCK_TOLERANCE_MS);
  const runs = await database.runs.list({ from: slot, to, sourceId: source.id, limit: MOST_RUNS });
  const own = runId(source.id, slot);
  // The run of the slot itself is told of by who asks for it.
  return runs.some((run) => run._id !== own && run.status !== 'skipped');
}
