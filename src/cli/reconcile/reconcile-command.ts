import { openStaging } from '../../staging/open-staging.ts';
import { createLogger } from '../../runtime/logger.ts';
import { openAzureStore, openMinioStore } from '../../storage/open-stores.ts';
import { reconcile } from '../../reconcile/reconcile.ts';
import { formatReconcileReport } from '../../reconcile/report.ts';
import { PASSES } from '../../reconcile/reconcile-context.ts';
import { printResult } from '../command/output.ts';
import type { CloseAtEnd } from '../command/run-command.ts';
import { commandConfig } from '../command/config.ts';
import { openServers } from '../command/servers.ts';

export type ReconcileFlags = Partial<Record<'dryRun' | 'fromStorage' | 'forceMissing' | 'json', boolean>>;

/** Finds and repairs what jobs cannot. @returns the exit code */
export async function reconcileNow(
  flags: ReconcileFlags,
  signal: AbortSignal,
  closeAtEnd: CloseAtEnd,
): Promise<number> {
  const config = commandConfig();
  const { database, queues } = await openServers(
    config,
    { name: 'sonotheque-reconcile', writes: true },
    closeAtEnd,
  );
  const store = closeAtEnd(openMinioStore(config.minio, config.storage));
  const mirror = config.azure && closeAtEnd(openAzureStore(config.azure, config.storage));
  await queues.ping();
  const report = await reconcile({
    dryRun: flags.dryRun ?? false,
    fromStorage: flags.fromStorage ?? false,
    forceMissing: flags.forceMissing ?? false,
    passes: PASSES,
    config,
    database,
    queues,
    store,
    mirror,
    staging: openStaging(config.staging, () => store),
    logger: createLogger(config.logLevel, { process: 'reconcile' }),
    signal,
  });
  printResult(flags.json ?? false, report, formatReconcileReport(report));
  return report.problems.length === 0 ? 0 : 1;
}
