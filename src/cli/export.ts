import { DEFAULT_NAMES } from '../operations/default-names.ts';
import { createCommand, date, runCommand } from './command/run-command.ts';
import type { ExportOptions } from './export/export-options.ts';

const command = createCommand(
  'export',
  'Copies archived audio out of the bucket into files with readable names, with a list for players (M3U).',
  [
    'npm run export -- ~/Music/archive',
    'npm run export -- ~/Music/stories --playlist PL…',
    'npm run export -- /mnt/disk --since 2026-01-31 --names "{author}/{date} {title} [{id}]"',
  ],
)
  .argument('<directory>', 'where to write the files; complete ones are not copied again')
  .option('--playlist <id>', 'only the videos of this playlist, in its order')
  .option('--since <date>', 'only what was archived since then; a date such as 2026-01-31', date)
  .option(
    '--names <template>',
    'names of the files, from {title}, {id}, {author} and {date}; / makes directories',
    DEFAULT_NAMES,
  )
  .option('--json', 'print one JSON object')
  .allowExcessArguments(false);

await runCommand(async (signal, closeAtEnd) => {
  const options = command.parse().opts<ExportOptions>();
  const [directory = '.'] = command.args;
  const { exportFiles } = await import('./export/export-command.ts');
  return await exportFiles(directory, options, signal, closeAtEnd);
});
