import { InvalidArgumentError } from 'commander';
import { definedFields } from '../../domain/defined-fields.ts';
import { MAX_PRIORITY } from '../../domain/download-priority.ts';
import { createCommand, date, wholeNumber } from '../command/run-command.ts';

export type EnqueueOptions = ReturnType<typeof parseEnqueueOptions>;

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
 * @throws CommanderError for help and wrong usage; commander has printed a message.
 */
export function parseEnqueueOptions(args: readonly string[]) {
  const command = createCommand(
    'enqueue',
    'Expands playlists and adds a download job for each new video. Without an argument: the lines of PLAYLIST_FILE (playlist.txt).',
    [
      'npm run enqueue',
      'npm run enqueue -- https://www.youtube.com/playlist?list=PL…  @some-channel',
      'npm run enqueue -- other-list.txt --newest 20 --no-shorts',
      'cat lines.txt | npm run enqueue -- - --dry-run',
      'npm run enqueue -- dQw4w9WgXcQ --force   (a named video comes before all others)',
      'npm run enqueue -- list.txt --priority 1   (before those without a priority)',
      'npm run enqueue -- --dry-run -- -abcdefghij   (an id that begins with a hyphen goes after --)',
    ],
  )
    .argument('[input...]', 'files with one playlist per line, URLs, ids, or - for standard input')
    .option('--dry-run', 'show what would happen; change nothing')
    .option('--force', 'download finished, failed and skipped videos again')
    .option(
      '--priority <n>',
      'priority of the downloads, also of those that wait already: 1 comes before 2, and 2 before those without one',
      wholeNumber(1, MAX_PRIORITY),
    )
    .option('--min-duration <seconds>', 'skip shorter videos', seconds)
    .option('--max-duration <seconds>', 'skip longer videos', seconds)
    .option('--title-include <pattern>', 'only titles that match this regular expression', pattern)
    .option('--title-exclude <pattern>', 'skip titles that match this regular expression', pattern)
    .option('--published-after <date>', 'skip older videos; a date such as 2026-01-31', date)
    .option('--no-live', 'skip live broadcasts')
    .option('--no-shorts', 'skip shorts')
    .option('--newest <n>', 'only the first n entries of each playlist', wholeNumber(1, 1_000_000))
    .option('--json', 'print one JSON object at the end');
  command.parse([...args], { from: 'user' });
  const flags = command.opts<Flags>();
  return {
    inputs: command.args,
    dryRun: flags.dryRun ?? false,
    force: flags.force ?? false,
    json: flags.json ?? false,
    priority: flags.priority,
    /** They override those of the environment. */
    filters: definedFields({
      minDurationSeconds: flags.minDuration,
      maxDurationSeconds: flags.maxDuration,
      titleInclude: flags.titleInclude,
      titleExclude: flags.titleExclude,
      publishedAfter: flags.publishedAfter,
      live: flags.live ? undefined : false,
      shorts: flags.shorts ? undefined : false,
      newest: flags.newest,
    }),
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
    throw new InvalidArgumentError('It must be a regular expression.');
  }
}
