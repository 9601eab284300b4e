import { createCommand, runCommand, usageError } from './command/run-command.ts';
import type { ImportCommandOptions } from './import/import-options.ts';

const command = createCommand(
  'import',
  'Makes videos of audio files that you have: checked, converted and stored like downloads.',
  [
    'npm run import -- ~/Music/youtube --dry-run',
    'npm run import -- "Rain [dQw4w9WgXcQ].mp3"',
    'npm run import -- ~/Music/youtube --archive ~/Music/archive.txt',
  ],
)
  .argument('[path...]', 'files, and directories with all below them')
  .option(
    '--archive <file>',
    'a download archive of yt-dlp: record its videos as skipped, so that they are not downloaded',
  )
  .option('--dry-run', 'only say which video each file is, and what would be done')
  .option('--json', 'print one JSON object');

await runCommand(async (signal, closeAtEnd) => {
  const options = command.parse().opts<ImportCommandOptions>();
  if (command.args.length === 0 && options.archive === undefined) {
    throw usageError('Name files or directories, or an archive with --archive.');
  }
  const { importFiles } = await import('./import/import-command.ts');
  return await importFiles(command.args, options, signal, closeAtEnd);
});
