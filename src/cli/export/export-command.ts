import { definedFields } from '../../domain/defined-fields.ts';
import { InterruptedError } from '../../domain/job-errors.ts';
import { exportAudio, type ExportResult } from '../../operations/export-audio.ts';
import { namesInput } from '../../operations/export-names.ts';
import { playlistIdsInput } from '../../operations/inputs.ts';
import { UserError } from '../../runtime/user-error.ts';
import { openMinioStore } from '../../storage/open-stores.ts';
import { formatBytes } from '../../text/units.ts';
import { commandActor } from '../command/actor.ts';
import { parseInput } from '../command/input.ts';
import { printResult, withProgress } from '../command/output.ts';
import type { CloseAtEnd } from '../command/run-command.ts';
import { commandConfig } from '../command/config.ts';
import { openRecords } from '../command/servers.ts';
import { userPath } from '../command/user-path.ts';
import type { ExportOptions } from './export-options.ts';

/** Copies archived audio into files with readable names. @returns the exit code */
export async function exportFiles(
  directory: string,
  options: ExportOptions,
  signal: AbortSignal,
  closeAtEnd: CloseAtEnd,
): Promise<number> {
  const names = parseInput(namesInput, options.names);
  const [playlistId] = options.playlist === undefined ? [] : parseInput(playlistIdsInput, [options.playlist]);
  const config = commandConfig();
  const database = await openRecords(config, { name: 'sonotheque-export', writes: true }, closeAtEnd);
  const store = closeAtEnd(openMinioStore(config.minio, config.storage));
  if (playlistId !== undefined && (await database.playlists.findById(playlistId)) === undefined) {
    throw new UserError(`The playlist ${playlistId} is unknown. See \`npm run playlists\`.`);
  }
  const total = await database.search.countArchived(playlistId);
  try {
    const result = await withProgress({ label: 'Exporting', unit: 'files', total }, (progress) =>
      exportAudio(
        {
          ...{ directory: userPath(directory), names, signal },
          ...definedFields({ playlistId, since: options.since }),
          onProgress: (seen, bytes) => {
            progress.note(() => formatBytes(bytes));
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
}

function formatResult({ directory, list, exported, unchanged, bytes, failed }: ExportResult): string {
  return [
    ...failed.map(({ id, message }) => `${id}: ${message}`),
    `${String(exported)} files exported to ${directory} (${formatBytes(bytes)}), ${String(unchanged)} were there already${failed.length === 0 ? '' : `, ${String(failed.length)} failed`}. List for players: ${list}`,
  ].join('\n');
}
