import process from 'node:process';
import { loadConfig } from '../config/load.ts';
import { openDatabase } from '../database/database.ts';
import { createStaging } from '../staging/staging.ts';
import { JobQueues } from '../queues/job-queues.ts';
import { createLogger } from '../runtime/logger.ts';
import { openAzureStore, openMinioStore } from '../storage/open-stores.ts';
import { reconcile } from '../reconcile/reconcile.ts';
import { formatReconcileReport } from '../reconcile/report.ts';
import { PASSES } from '../reconcile/reconcile-context.ts';
import { printResult } from './command/output.ts';
import { createCommand, runCommand } from './command/run-command.ts';

const command = createCommand(
  'reconcile',
  'Compares the videos and runs in MongoDB with the jobs, the staging directory and the bucket, and repairs the differences.',
  [
    'npm run reconcile',
    'npm run reconcile -- --dry-run',
    'npm run reconcile -- --from-storage   # after a loss of MongoDB',
    "npm run reconcile --silent -- --json | jq '.videos.jobs'",
  ],
)
  .option('--dry-run', 'show what would be repaired')
  .option('--from-storage', 'MongoDB was lost: rebuild it from the bucket and the staging directory')
  .option(
    '--force-missing',
    'restore missing objects from the mirror, or download them again, even when most of them are missing',
  )
  .option('--json', 'print one JSON object')
  .allowExcessArguments(false);

type Flag = 'dryRun' | 'fromStorage' | 'forceMissing' | 'json';

await runCommand(async (signal, closeAtEnd) => {
  const flags = command.parse().opts<Partial<Record<Flag, boolean>>>();
  const config = loadConfig(process.env);
  const database = closeAtEnd(await openDatabase(config.mongo, 'sonotheque-reconcile'));
  const queues = closeAtEnd(new JobQueues(config.redis));
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
    staging: createStaging(config.staging.directory),
    logger: createLogger(config.logLevel, { process: 'reconcile' }),
    signal,
  });
  printResult(flags.json ?? false, report, formatReconcileReport(report));
  return report.problems.length === 0 ? 0 : 1;
});
