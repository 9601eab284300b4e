import type { ConfiguredSource } from '../../collectors/configured-source.ts';
import { previousTick } from '../../config/cron.ts';
import { reasonAgainst, type RunDependencies } from '../../collectors/request-run.ts';
import { runScheduled } from '../../collectors/scheduled-run.ts';
import type { JobResult } from '../../queues/catalogue.ts';
import type { JobContext } from '../processor.ts';

/**
 * Makes the task of a tick: asks for the run of its slot and ends, so that a long run never holds up the schedule.
 * @param sources what the sources file has.
 */
export function createCollectTick(
  sources: readonly ConfiguredSource[],
  dependencies: RunDependencies,
  now: () => Date = () => new Date(),
): (sourceId: string, context: Pick<JobContext, 'scheduledFor' | 'worker'>) => Promise<JobResult> {
  return async (sourceId, { scheduledFor, worker }) => {
    const source = sources.find(({ id }) => id === sourceId);
    if (source === undefined) return { outcome: 'not in the sources file of this worker' };
    const reason = reasonAgainst(source, 'schedule');
    if (reason !== undefined) return { outcome: 'disabled', reason };
    const slot = scheduledFor ?? previousTick(source.schedule, now());
    const requested = await runScheduled(source, slot, worker, now(), dependencies);
    return { outcome: requested.outcome, slot: slot.toISOString() };
  };
}
