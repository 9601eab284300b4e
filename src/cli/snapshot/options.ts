import { Option, type Command } from 'commander';
import { createCommand, usageError } from '../command/run-command.ts';

export function createSnapshotCommand(): Command {
  return createCommand(
    'snapshot',
    'Saves the whole database into the bucket, or verifies, lists or prunes the snapshots there. `mongorestore --gzip --archive` can read them, too.',
    [
      'npm run snapshot',
      'npm run snapshot -- --list',
      'npm run snapshot -- --verify                 # the newest, with a trial restore',
      'npm run snapshot -- --prune --dry-run',
      'SNAPSHOT_PASSPHRASE=… npm run snapshot -- --at dump.archive.gz.enc',
    ],
  )
    .addOption(
      new Option(
        '--verify [name]',
        'read a snapshot (default: the newest), check every byte, restore it into a scratch database and compare',
      ).conflicts(['list', 'prune', 'at']),
    )
    .addOption(new Option('--list', 'list the snapshots').conflicts(['prune', 'at']))
    .addOption(
      new Option('--prune', 'remove the snapshots that the retention policy does not keep').conflicts('at'),
    )
    .option('--dry-run', 'with --prune: only show what would be removed')
    .option('--at <file>', 'write to a file instead of the bucket')
    .option(
      '--encrypt-with <keyfile>',
      'with --at: encrypt with the passphrase in this file (or in SNAPSHOT_PASSPHRASE)',
    )
    .option('--json', 'print one JSON object')
    .allowExcessArguments(false);
}

export interface SnapshotOptions {
  /** True: the newest. */
  readonly verify?: string | true;
  readonly list?: boolean;
  readonly prune?: boolean;
  readonly dryRun?: boolean;
  readonly at?: string;
  readonly encryptWith?: string;
  readonly json?: boolean;
}

/** Parses the command line and checks which options go together. @throws UserError */
export function parseSnapshotOptions(command: Command): SnapshotOptions {
  const options = command.parse().opts<SnapshotOptions>();
  if (options.dryRun && !options.prune) throw usageError('--dry-run needs --prune.');
  if (options.encryptWith !== undefined && options.at === undefined) {
    throw usageError('--encrypt-with needs --at.');
  }
  return options;
}
