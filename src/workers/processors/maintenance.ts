import type { PayloadOf } from '../../queues/catalogue.ts';
import type { JobContext, JobResult, Processor } from '../processor.ts';

/** What each maintenance task does; the result is shown by the dashboard. */
export type MaintenanceTasks = Readonly<
  Record<PayloadOf<'maintenance'>['task'], (context: JobContext) => Promise<JobResult>>
>;

/** Makes the processor of the maintenance queue. */
export function createMaintenanceProcessor(tasks: MaintenanceTasks): Processor<'maintenance'> {
  return { process: ({ task }, context) => tasks[task](context) };
}
