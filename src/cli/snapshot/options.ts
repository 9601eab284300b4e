import { Option, type Command } from 'commander';
import { z } from 'zod';
import { UserError } from '../../runtime/user-error.ts';
import { createCommand } from '../run-command.ts';

/** Describes the command. */
export function createSnapshotCommand(): Command {
  return createCommand(
    'snapshot',
    'Saves the whole database into the bucket, or looks after the snapshots there. `mongorestore --gzip --archive` reads them, too.',
    [
      'npm run snapshot',
      'npm run snapshot -- --list',
      'npm run snapshot -- --verify                 # the newest, restored for a trial',
      'npm run snapshot -- --prune --dry-run',
      'SNAPSHOT_PASSPHRASE=… npm run snapshot -- --at dump.archive.gz.enc',
    ],
  )
    .addOption(
      new Option(
        '--verify [name]',
        'read a snapshot again, check every byte, restore it into a scratch database and compare',
      ).conflicts(['list', 'prune', 'at']),
    )
    .addOption(new Option('--list', 'list the snapshots').conflicts(['prune', 'at']))
    .addOption(new Option('--prune', 'remove those that the retention does not keep').conflicts('at'))
    .option('--dry-run', 'with --prune: only show what would be removed')
    .option('--at <file>', 'write to a file instead of the bucket')
    .option(
      '--encrypt-with <keyfile>',
      'with --at: encrypt under the passphrase in this file (or in SNAPSHOT_PASSPHRASE)',
    )
    .option('--json', 'print one JSON object')
    .allowExcessArguments(false);
}

const optionsSchema = z.object({
  verify: z.union([z.string(), z.literal(true)]).optional(),
  list: z.boolean().default(false),
  prune: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  at: z.string().min(1).optional(),
  encryptWith: z.string().min(1).optional(),
  json: z.boolean().default(false),
});
export type SnapshotOptions = z.output<typeof optionsSchema>;

/** Checks what belongs together. @throws UserError */
export function parseSnapshotOptions(raw: unknown): SnapshotOptions {
  const options = optionsSchema.parse(raw);
  if (options.dryRun && !options.prune) throw new UserError('--dry-run goes with --prune.', { exitCode: 2 });
  if (options.encryptWith !== undefined && options.at === undefined) {
    throw new UserError('--encrypt-with goes with --at.', { exitCode: 2 });
  }
  return options;
}
