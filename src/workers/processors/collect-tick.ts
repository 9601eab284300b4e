import { whyNotCollected, type ConfiguredSource } from '../../collectors/configured-source.ts';
import { previousTick } from '../../config/cron.ts';
import type { RunDependencies } from '../../collectors/scheduling/request-run.ts';
import { requestScheduledRun } from '../../collectors/scheduling/scheduled-run.ts';
import type { JobResult } from '../../queues/catalogue.ts';
import type { JobContext } from '../processor.ts';

/**
 * Makes the task that the schedule of a source starts: it requests the run of its slot and ends, so that a long run never
 * delays the schedule.
 * @param sources those of the sources file
 */
export function createCollectTick(
  sources: readonly ConfiguredSource[],
  dependencies: RunDependencies,
  now: () => Date = () => new Date(),
): (sourceId: string, context: Pick<JobContext, 'scheduledFor' | 'worker'>) => Promise<JobResult> {
  return async (sourceId, { scheduledFor, worker }) => {
    const source = sources.find(({ id }) => id === sourceId);
    if (source === undefined) return { outcome: 'not in the sources file of this worker' };
    const reason = whyNotCollected(source, 'schedule');
    if (reason !== undefined) return { outcome: 'disabled', reason };
    const slot = scheduledFor ?? previousTick(source.schedule, now());
    const requested = await requestScheduledRun(source, slot, worker, now(), dependencies);
    return { outcome: requested.outcome, slot: slot.toISOString() };
  };
}
