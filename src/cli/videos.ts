import { Option } from 'commander';
import { ERROR_CLASS_NAMES } from '../domain/error-classes.ts';
import { VIDEO_STATUSES } from '../domain/video-status.ts';
import { createCommand, runCommand, usageError, wholeNumber } from './command/run-command.ts';
import { CHANGES, LISTED, MAX_CHANGED, type Change, type VideosOptions } from './videos/videos-options.ts';

const change = (name: Change, description: string) =>
  new Option(`--${name}`, description).conflicts([...CHANGES.filter((other) => other !== name), 'show']);

const command = createCommand(
  'videos',
  'Finds and shows videos; retries, skips, deletes, downloads and copies them again.',
  [
    'npm run videos -- --title "rain" --status stored',
    'npm run videos -- dQw4w9WgXcQ --show',
    'npm run videos -- dQw4w9WgXcQ --retry',
    'npm run videos --silent -- --status failed --csv > failed.csv',
    'npm run videos -- dQw4w9WgXcQ --skip',
    'npm run videos -- dQw4w9WgXcQ --unskip',
    'npm run videos -- dQw4w9WgXcQ --redownload',
    'npm run videos -- dQw4w9WgXcQ --delete --everywhere',
    'npm run videos -- --playlist PL… --status skipped --unskip',
  ],
)
  .argument('[id...]', 'ids or addresses of videos')
  .addOption(change('retry', 'try failed and waiting ones again, now'))
  .addOption(change('skip', 'do not archive them; no later listing takes them up'))
  .addOption(change('unskip', 'download them after all: skipped ones, and deleted ones again'))
  .addOption(
    change(
      'redownload',
      'download archived ones again; the object is replaced when the new file is complete',
    ),
  )
  .addOption(
    change('remirror', 'compare stored ones with their copies in Azure again, and copy where they differ'),
  )
  .addOption(change('delete', 'delete their audio in the bucket; no later listing brings them back'))
  .option('--everywhere', '--delete: also the copies in Azure')
  .option('--show', 'show all that is known of them (the default with ids)')
  .addOption(
    new Option('--status <status>', 'without ids: only videos of this status').choices(VIDEO_STATUSES),
  )
  .option('--playlist <id>', 'without ids: only videos of this playlist')
  .option('--title <text>', 'without ids: only videos whose title contains this text')
  .option('--channel <id>', 'without ids: only videos of this channel, by its id at the site')
  .addOption(
    new Option('--class <class>', 'without ids: only videos that failed or wait for this reason').choices(
      ERROR_CLASS_NAMES,
    ),
  )
  .option('--language <tag>', 'without ids: only videos whose audio is in this language, such as fr')
  .option(
    '--limit <number>',
    `without ids: how many videos at most (default: ${String(LISTED)} to show, all to change)`,
    wholeNumber(1, MAX_CHANGED),
  )
  .option('--json', 'print one JSON object')
  .addOption(
    new Option('--csv', 'print all that match as a table for spreadsheets').conflicts([
      'json',
      'jsonl',
      ...CHANGES,
    ]),
  )
  .addOption(
    new Option('--jsonl', 'print all that match, one JSON object a line').conflicts([
      'json',
      'csv',
      ...CHANGES,
    ]),
  );

await runCommand(async (signal, closeAtEnd) => {
  const options = command.parse().opts<VideosOptions>();
  const { everywhere = false } = options;
  if (everywhere && options.delete !== true) throw usageError('--everywhere belongs to --delete.');
  const { videos } = await import('./videos/videos-command.ts');
  return await videos(command.args, options, signal, closeAtEnd);
});
