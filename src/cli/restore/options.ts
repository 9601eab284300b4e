import { Option, type Command } from 'commander';
import { z } from 'zod';
import { UserError } from '../../runtime/user-error.ts';
import { createCommand } from '../run-command.ts';

/** Describes the command. */
export function createRestoreCommand(): Command {
  return createCommand(
    'restore',
    'Restores a snapshot into the configured database or another one. Stop the workers before a restore into the database that they use, and run `npm run reconcile` after it.',
    [
      'npm run restore -- latest --into yesterday',
      'npm run restore -- latest --dry-run',
      'npm run restore -- sonotheque_mongo_v20260301_023000.archive.gz --drop',
      'npm run restore -- ./dump.archive.gz.enc --encrypt-with key.txt --into trial',
    ],
  )
    .argument('<name>', 'a snapshot of the bucket, `latest`, or a local file')
    .option('--into <database>', 'restore into this database instead of the configured one')
    .option('--if-any', 'with latest: it is no failure when there is no snapshot yet')
    .option('--drop', 'remove collections of the same names first')
    .option('--dry-run', 'check the snapshot and show what would be restored')
    .addOption(new Option('--from-mirror', 'take it from the Azure container instead of the bucket'))
    .option('--encrypt-with <keyfile>', 'the passphrase of an encrypted file (or SNAPSHOT_PASSPHRASE)')
    .option('--json', 'print one JSON object')
    .allowExcessArguments(false);
}

const optionsSchema = z.object({
  // What MongoDB takes on every platform.
  into: z
    .string()
    .regex(/^[^/\\. "$*<>:|?\0]{1,63}$/)
    .optional(),
  ifAny: z.boolean().default(false),
  drop: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  fromMirror: z.boolean().default(false),
  encryptWith: z.string().min(1).optional(),
  json: z.boolean().default(false),
});
export type RestoreOptions = z.output<typeof optionsSchema>;

/** @throws UserError when `--into` is no name of a database. */
export function parseRestoreOptions(raw: unknown): RestoreOptions {
  const parsed = optionsSchema.safeParse(raw);
  if (!parsed.success) throw new UserError('--into needs the name of a database.', { exitCode: 2 });
  return parsed.data;
}
