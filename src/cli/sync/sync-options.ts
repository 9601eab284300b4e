import { InvalidArgumentError, Option, type Command } from 'commander';
import { parseByteRate } from '../../text/byte-rate.ts';
import { toError } from '../../domain/job-errors.ts';
import type { MaxDelete } from '../../mirror/delete-extra.ts';
import { createCommand, wholeNumber } from '../command/run-command.ts';

/** The options of `npm run sync`. */
export interface SyncOptions {
  readonly list?: boolean;
  readonly stats?: boolean;
  readonly dryRun?: boolean;
  readonly verify?: 'listing' | 'content';
  /** A share from 0 to 1. */
  readonly sample?: number;
  readonly repair?: boolean;
  readonly restore?: boolean;
  readonly delete?: boolean;
  readonly maxDelete: MaxDelete;
  readonly json?: boolean;
  readonly prefix: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly concurrency?: number;
  /** Bytes a second. */
  readonly bandwidth?: number;
  /** A bucket, or `bucket=container`. */
  readonly pair?: string;
  readonly workers?: boolean;
}

const EXAMPLES = [
  'npm run sync',
  'npm run sync -- --dry-run',
  'npm run sync -- --workers',
  'npm run sync -- --bandwidth 10M',
  'npm run sync -- --list --prefix audio/youtube/',
  'npm run sync --silent -- --stats --json',
  'npm run sync -- --verify content --sample 5%',
  'npm run sync -- --restore --prefix audio/youtube/',
];
const DEFAULT_MAX_DELETE: MaxDelete = { percent: 5 };

/** The command with its options and help. */
export function createSyncCommand(): Command {
  const what =
    'Copies the bucket to the Azure container, or shows or compares what the container has, or restores the bucket from it.';
  return createCommand('sync', what, EXAMPLES)
    .addOption(
      new Option(
        '--list',
        'list the objects in the container: name, size, date, tier, metadata, totals',
      ).conflicts(['stats', 'verify', 'restore', 'delete']),
    )
    .addOption(
      new Option(
        '--stats',
        'count and size of the objects in the container, and what is not mirrored',
      ).conflicts(['verify', 'restore', 'delete']),
    )
    .addOption(
      new Option('--dry-run', 'show what would be copied, deleted or restored').conflicts([
        'list',
        'stats',
        'verify',
      ]),
    )
    .addOption(
      new Option('--verify [how]', 'compare only; exit 3 when something differs. `content` reads both sides')
        .choices(['listing', 'content'])
        .preset('listing')
        .conflicts(['restore', 'delete']),
    )
    .addOption(
      new Option('--sample <percent>', 'with `--verify content`: the share of the objects to read').argParser(
        share,
      ),
    )
    .option('--repair', 'with `--verify`: copy what differs')
    .addOption(
      new Option(
        '--restore',
        'bring objects that the bucket lost back from the container; no object is replaced',
      ).conflicts('delete'),
    )
    .option('--delete', 'after copying, delete blobs that the mirror wrote and whose objects are gone')
    .addOption(
      new Option(
        '--max-delete <limit>',
        'with `--delete`: the most to delete, a number or a share such as 5%',
      )
        .argParser(maxDelete)
        .default(DEFAULT_MAX_DELETE, '5%'),
    )
    .option('--json', 'print JSON: lines while something goes on, the last one is the summary')
    .option('--prefix <text>', 'only objects whose names begin with this text', '')
    .option('--include <pattern...>', 'only names that match; `*` is any text, `?` one character', [])
    .option('--exclude <pattern...>', 'not the names that match', [])
    .option('--concurrency <number>', 'copies at once, at most (default: MIRROR_COPIES)', wholeNumber(1, 256))
    .option(
      '--bandwidth <rate>',
      'at most so many bytes a second, such as 500k or 10M (default: MIRROR_BANDWIDTH)',
      byteRate,
    )
    .option('--pair <bucket>', 'another bucket of MIRROR_PAIRS and its container')
    .addOption(
      new Option(
        '--workers',
        'let the running `sync` workers compare and copy, with the limits of their own settings',
      ).conflicts(['list', 'stats', 'verify', 'restore', 'dryRun', 'concurrency', 'bandwidth']),
    )
    .allowExcessArguments(false);
}

function byteRate(text: string): number {
  try {
    return parseByteRate(text);
  } catch (error) {
    throw new InvalidArgumentError(`It ${toError(error).message}.`);
  }
}

function share(text: string): number {
  const percent = Number(text.replace(/%$/, ''));
  if (text !== '' && percent > 0 && percent <= 100) return percent / 100;
  throw new InvalidArgumentError('It must be a share from 0 to 100 % such as 5%.');
}

function maxDelete(text: string): MaxDelete {
  if (text.endsWith('%')) return { percent: share(text) * 100 };
  return { count: wholeNumber(0, 100_000)(text) };
}
