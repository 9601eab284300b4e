import { InvalidArgumentError } from 'commander';
import type { PlaylistFilters } from '../../config/config.ts';
import { createCommand } from '../run-command.ts';

/** What the command line of `enqueue` says. */
export interface EnqueueOptions {
  readonly inputs: readonly string[];
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly json: boolean;
  readonly priority?: number;
  /** Filters that were given; they win over the environment's. */
  readonly filters: Partial<PlaylistFilters>;
}

/** BullMQ's largest; 0 would go before all jobs that have none. */
const MAX_PRIORITY = 2_097_152;

interface Flags {
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly priority?: number;
  readonly minDuration?: number;
  readonly maxDuration?: number;
  readonly titleInclude?: RegExp;
  readonly titleExclude?: RegExp;
  readonly publishedAfter?: Date;
  /** Commander's default for `--no-…` is true. */
  readonly live: boolean;
  readonly shorts: boolean;
  readonly newest?: number;
}

/**
 * Reads the command line.
 * @throws CommanderError for help and for wrong usage, of which commander has printed a line.
 */
export function parseEnqueueOptions(args: readonly string[]): EnqueueOptions {
  const command = createCommand(
    'npm run enqueue --',
    'Expands playlists and puts each new video on its way. Without an argument: the lines of PLAYLIST_FILE (playlist.txt).',
    [
      'npm run enqueue',
      'npm run enqueue -- https://www.youtube.com/playlist?list=PL…  @some-channel',
      'npm run enqueue -- other-list.txt --newest 20 --no-shorts',
      'cat lines.txt | npm run enqueue -- - --dry-run',
      'npm run enqueue -- dQw4w9WgXcQ --force --priority 1',
      'npm run enqueue -- --dry-run -- -abcdefghij   (an id that begins with a hyphen goes after --)',
    ],
  )
    .argument(
      '[FILE | URL | ID...]',
      'files with one playlist a line, addresses, ids, or - for standard input',
    )
    .option('--dry-run', 'show what would happen; change nothing')
    .option('--force', 'also download again what is finished, failed or skipped')
    .option(
      '--priority <n>',
      'of the jobs: 1 goes before 2; without it a job goes before all of these',
      whole(1, MAX_PRIORITY),
    )
    .option('--min-duration <seconds>', 'leave out shorter videos', seconds)
    .option('--max-duration <seconds>', 'leave out longer videos', seconds)
    .option('--title-include <pattern>', 'take only titles that match this regular expression', pattern)
    .option('--title-exclude <pattern>', 'leave out titles that match this regular expression', pattern)
    .option('--published-after <date>', 'leave out what is older, such as 2026-01-31', date)
    .option('--no-live', 'leave out broadcasts')
    .option('--no-shorts', 'leave out shorts')
    .option('--newest <n>', 'only the first n entries of each playlist', whole(1, 1_000_000))
    .option('--json', 'print one JSON object at the end');
  command.parse([...args], { from: 'user' });
  const flags = command.opts<Flags>();
  return {
    inputs: command.args,
    dryRun: flags.dryRun ?? false,
    force: flags.force ?? false,
    json: flags.json ?? false,
    ...(flags.priority === undefined ? {} : { priority: flags.priority }),
    filters: {
      ...(flags.minDuration === undefined ? {} : { minDurationSeconds: flags.minDuration }),
      ...(flags.maxDuration === undefined ? {} : { maxDurationSeconds: flags.maxDuration }),
      ...(flags.titleInclude === undefined ? {} : { titleInclude: flags.titleInclude }),
      ...(flags.titleExclude === undefined ? {} : { titleExclude: flags.titleExclude }),
      ...(flags.publishedAfter === undefined ? {} : { publishedAfter: flags.publishedAfter }),
      ...(flags.live ? {} : { live: false }),
      ...(flags.shorts ? {} : { shorts: false }),
      ...(flags.newest === undefined ? {} : { newest: flags.newest }),
    },
  };
}

function whole(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${String(least)} to ${String(most)}.`);
    }
    return value;
  };
}

function seconds(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('It must be a number of seconds.');
  return Number(text);
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text, 'iu');
  } catch {
    throw new InvalidArgumentError('It is no regular expression.');
  }
}

function date(text: string): Date {
  const parsed = new Date(text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(parsed.getTime())) {
    throw new InvalidArgumentError('It must be a date such as 2026-01-31.');
  }
  return parsed;
}
