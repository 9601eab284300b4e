import { InvalidArgumentError } from 'commander';
import { createCommand, runCommand } from './command/run-command.ts';
import type { RestoreOptions } from './restore/restore-command.ts';

const command = createCommand(
  'restore',
  'Restores a snapshot into the configured database or another one. Stop the workers before you restore into the database that they use, and run `npm run reconcile` afterwards.',
  [
    'npm run restore -- latest --into yesterday',
    'npm run restore -- latest --dry-run',
    'npm run restore -- sonotheque_mongo_v20260301_023000.archive.gz --drop',
    'npm run restore -- ./dump.archive.gz.enc --encrypt-with key.txt --into trial',
  ],
)
  .argument('<name>', 'a snapshot of the bucket, `latest`, or a local file')
  .option('--into <database>', 'restore into this database instead of the configured one', databaseName)
  .option('--if-any', 'with latest: succeed when there is no snapshot yet')
  .option('--drop', 'drop collections of the same names first')
  .option('--dry-run', 'check the snapshot and show what would be restored')
  .option('--from-mirror', 'read it from the Azure container instead of the bucket')
  .option('--encrypt-with <keyfile>', 'the passphrase of an encrypted file (or SNAPSHOT_PASSPHRASE)')
  .option('--json', 'print one JSON object')
  .allowExcessArguments(false);

await runCommand(async (signal, closeAtEnd) => {
  const [wanted = ''] = command.parse().args;
  const { restore } = await import('./restore/restore-command.ts');
  return await restore(wanted, command.opts<RestoreOptions>(), signal, closeAtEnd);
});

/** Accepts the names that MongoDB accepts on every platform. */
function databaseName(text: string): string {
  if (/^[^/\\. "$*<>:|?\0]{1,63}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be the name of a database.');
}
