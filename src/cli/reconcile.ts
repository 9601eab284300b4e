import process from 'node:process';
import { z } from 'zod';
import { loadConfig } from '../config/load.ts';
import { openDatabase } from '../database/database.ts';
import { createStaging } from '../staging/staging.ts';
import { JobQueues } from '../queues/job-queues.ts';
import { createLogger } from '../runtime/logger.ts';
import { openAzureStore, openMinioStore } from '../storage/open-stores.ts';
import { reconcile } from '../reconcile/reconcile.ts';
import { formatReconcileReport } from '../reconcile/report-text.ts';
import { PASSES } from '../reconcile/reconcile-options.ts';
import { createCommand, runCommand } from './run-command.ts';

const command = createCommand(
  'reconcile',
  'Puts every video and every run of a source back on its way: compares the record with the jobs, the staging directory and the bucket, and repairs what differs.',
  [
    'npm run reconcile',
    'npm run reconcile -- --dry-run',
    'npm run reconcile -- --from-storage   # after a loss of MongoDB',
    "npm run reconcile --silent -- --json | jq '.videos.jobs'",
  ],
)
  .option('--dry-run', 'show what would be repaired')
  .option('--from-storage', 'MongoDB was lost: rebuild it from bucket and staging directory')
  .option(
    '--force-missing',
    'bring missing objects back, or download them again, even when most of them are missing',
  )
  .option('--json', 'print one JSON object')
  .allowExcessArguments(false);

const optionsSchema = z.object({
  dryRun: z.boolean().default(false),
  fromStorage: z.boolean().default(false),
  forceMissing: z.boolean().default(false),
  json: z.boolean().default(false),
});

await runCommand(async (signal) => {
  const { json, ...options } = optionsSchema.parse(command.parse().opts());
  const config = loadConfig(process.env);
  const database = await openDatabase(config.mongo, 'sonotheque-reconcile');
  const queues = new JobQueues(config.redis);
  const store = openMinioStore(config.minio, config.storage);
  const mirror = config.azure === undefined ? undefined : openAzureStore(config.azure, config.storage);
  try {
    await queues.ping();
    const report = await reconcile({
      ...options,
      config,
      database,
      queues,
      store,
      mirror,
      staging: createStaging(config.staging.directory),
      logger: createLogger(config.logLevel, { process: 'reconcile' }),
      signal,
      passes: PASSES,
    });
    process.stdout.write(`${json ? JSON.stringify(report, undefined, 2) : formatReconcileReport(report)}\n`);
    return report.problems.length === 0 ? 0 : 1;
  } finally {
    store.close();
    mirror?.close();
    await Promise.all([queues.close(), database.close()]);
  }
});
