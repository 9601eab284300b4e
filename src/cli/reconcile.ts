import { createCommand, runCommand } from './command/run-command.ts';
import { keepHeapSmall } from './command/small-heap.ts';
import type { ReconcileFlags } from './reconcile/reconcile-command.ts';

const command = createCommand(
  'reconcile',
  'Compares the videos and runs in MongoDB with the jobs, staging and the bucket, and repairs the differences.',
  [
    'npm run reconcile',
    'npm run reconcile -- --dry-run',
    'npm run reconcile -- --from-storage   # after a loss of MongoDB',
    "npm run reconcile --silent -- --json | jq '.videos.jobs'",
  ],
)
  .option('--dry-run', 'show what would be repaired')
  .option('--from-storage', 'MongoDB was lost: rebuild it from the bucket and from staging')
  .option(
    '--force-missing',
    'restore missing objects from the mirror, or download them again, even when most of them are missing',
  )
  .option('--json', 'print one JSON object')
  .allowExcessArguments(false);

await runCommand(async (signal, closeAtEnd) => {
  const flags = command.parse().opts<ReconcileFlags>();
  keepHeapSmall();
  const { reconcileNow } = await import('./reconcile/reconcile-command.ts');
  return await reconcileNow(flags, signal, closeAtEnd);
});
