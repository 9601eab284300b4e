import process from 'node:process';
import { loadConfig } from '../config/load.ts';
import { openDatabase } from '../database/database.ts';
import { definedFields } from '../domain/defined-fields.ts';
import { InterruptedError } from '../domain/job-errors.ts';
import { exportAudio, type ExportResult } from '../operations/export-audio.ts';
import { DEFAULT_NAMES, namesInput } from '../operations/export-names.ts';
import { playlistIdsInput } from '../operations/inputs.ts';
import { UserError } from '../runtime/user-error.ts';
import { openMinioStore } from '../storage/open-stores.ts';
import { formatBytes } from '../text/units.ts';
import { commandActor } from './command/actor.ts';
import { parseInput } from './command/input.ts';
import { printResult, withProgress } from './command/output.ts';
import { createCommand, date, runCommand } from './command/run-command.ts';

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

interface Options {
  readonly playlist?: string;
  readonly since?: Date;
  readonly names: string;
  readonly json?: boolean;
}

await runCommand(async (signal, closeAtEnd) => {
  const options = command.parse().opts<Options>();
  const [directory = '.'] = command.args;
  const names = parseInput(namesInput, options.names);
  const [playlistId] = options.playlist === undefined ? [] : parseInput(playlistIdsInput, [options.playlist]);
  const config = loadConfig(process.env);
  const database = closeAtEnd(await openDatabase(config.mongo, 'sonotheque-export'));
  const store = closeAtEnd(openMinioStore(config.minio, config.storage));
  if (playlistId !== undefined && (await database.playlists.findById(playlistId)) === undefined) {
    throw new UserError(`The playlist ${playlistId} is unknown. See \`npm run playlists\`.`);
  }
  const total = await database.search.countArchived(playlistId);
  try {
    const result = await withProgress({ label: 'Exporting', unit: 'files', total }, (progress) =>
      exportAudio(
        {
          ...{ directory, names, signal },
          ...definedFields({ playlistId, since: options.since }),
          onProgress: (seen, bytes) => {
            progress.note(formatBytes(bytes));
            progress.update(seen);
          },
        },
        commandActor(),
        { database, store },
      ),
    );
    printResult(options.json ?? false, result, formatResult(result));
    return result.failed.length === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    // The message of the error is about jobs.
    throw new UserError('Interrupted. Complete files are kept; run the command again to continue.', {
      cause: error,
    });
  }
});

function formatResult({ directory, list, exported, unchanged, bytes, failed }: ExportResult): string {
  return [
    ...failed.map(({ id, message }) => `${id}: ${message}`),
    `${String(exported)} files exported to ${directory} (${formatBytes(bytes)}), ${String(unchanged)} were there already${failed.length === 0 ? '' : `, ${String(failed.length)} failed`}. List for players: ${list}`,
  ].join('\n');
}
