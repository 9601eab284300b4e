import type { JobResult } from '../../queues/catalogue.ts';
import type { JobContext } from '../processor.ts';
import { reconcile } from '../../reconcile/reconcile.ts';
import { flattenReport } from '../../reconcile/report.ts';
import type { PassName, ReconcileOptions } from '../../reconcile/reconcile-options.ts';

/** What a reconcile by schedule needs; it never forces anything. */
export type ReconcileTaskDependencies = Pick<
  ReconcileOptions,
  'config' | 'database' | 'queues' | 'staging' | 'store' | 'mirror'
>;

/**
 * Makes a maintenance task of some passes. Problems are logged and counted but do not fail the job: the next run
 * comes by schedule anyway, and other maintenance must not wait for a bucket that is out of order.
 */
export function createReconcileTask(
  parts: ReconcileTaskDependencies,
  passes: readonly PassName[],
): (context: JobContext) => Promise<JobResult> {
  return async ({ logger, signal }) => {
    const report = await reconcile({
      ...parts,
      passes,
      logger,
      signal,
      dryRun: false,
      fromStorage: false,
      forceMissing: false,
    });
    for (const { pass, errorClass, message, advice } of report.problems) {
      logger.warn({ pass, errorClass, advice }, `Reconcile: ${message}`);
    }
    return flattenReport(report);
  };
}
