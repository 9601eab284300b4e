import type { MaintenanceTask } from '../../queues/payloads.ts';
import type { JobResult } from '../../queues/catalogue.ts';
import type { JobContext, Processor } from '../processor.ts';

export type MaintenanceTasks = Readonly<
  Record<MaintenanceTask, (context: JobContext) => Promise<JobResult>>
> & {
  /** A slot of a source's schedule has come. */
  readonly 'collect-tick': (sourceId: string, context: JobContext) => Promise<JobResult>;
};

export function createMaintenanceProcessor(tasks: MaintenanceTasks): Processor<'maintenance'> {
  return {
    process: (payload, context) =>
      payload.task === 'collect-tick'
        ? tasks['collect-tick'](payload.sourceId, context)
        : tasks[payload.task](context),
  };
}
