import type { JobResult } from '../../queues/catalogue.ts';
import type { JobContext } from '../processor.ts';
import { reconcile } from '../../reconcile/reconcile.ts';
import { flattenReport } from '../../reconcile/report.ts';
import type { PassName, ReconcileDependencies } from '../../reconcile/reconcile-context.ts';

/**
 * Makes a maintenance task of some passes. Problems are logged and counted but do not fail the job: the next run
 * comes by schedule anyway, and other maintenance must not wait for a broken bucket. Nothing is forced.
 */
export function createReconcileTask(
  dependencies: Omit<ReconcileDependencies, 'logger'>,
  passes: readonly PassName[],
): (context: JobContext) => Promise<JobResult> {
  return async ({ logger, signal }) => {
    const report = await reconcile({
      ...dependencies,
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
