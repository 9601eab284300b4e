import type { MaintenanceTask } from '../../queues/payloads.ts';
import type { JobResult } from '../../queues/catalogue.ts';
import type { JobContext, Processor } from '../processor.ts';

/** What each maintenance task does; the result is shown by the dashboard. */
export type MaintenanceTasks = Readonly<
  Record<MaintenanceTask, (context: JobContext) => Promise<JobResult>>
> & {
  /** The schedule of a source has come round. */
  readonly 'collect-tick': (sourceId: string, context: JobContext) => Promise<JobResult>;
};

/** Makes the processor of the maintenance queue. */
export function createMaintenanceProcessor(tasks: MaintenanceTasks): Processor<'maintenance'> {
  return {
    process: (payload, context) =>
      payload.task === 'collect-tick'
        ? tasks['collect-tick'](payload.sourceId, context)
        : tasks[payload.task](context),
  };
}
