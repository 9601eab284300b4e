import { parsePlaylistReference } from '../../producers/playlist-reference.ts';
import { expandPlaylist, type RecordingExpandOptions } from '../../producers/expand-playlist.ts';
import { nextPassAfterFailure } from '../../producers/next-pass.ts';
import { PermanentError } from '../../domain/job-errors.ts';
import type { Processor } from '../processor.ts';

/** Makes the processor of the playlist queue: expands a known playlist once more. */
export function createPlaylistProcessor(
  dependencies: Omit<RecordingExpandOptions, 'signal' | 'onProgress' | 'force' | 'priority'>,
): Processor<'playlist'> {
  return {
    process: async ({ playlistId }, { signal, reportProgress }) => {
      const playlist = await dependencies.database.playlists.find(playlistId);
      if (playlist?.enabled !== true) return { outcome: 'superseded' };
      const parsed = parsePlaylistReference(playlist.url);
      if (!parsed.ok || parsed.reference.id !== playlistId) {
        throw new PermanentError('unsupported', `The recorded address of ${playlistId} is not its own.`);
      }
      const result = await expandPlaylist(parsed.reference, {
        ...dependencies,
        signal,
        onProgress: ({ found, announced }) => {
          reportProgress({ found, ...(announced === undefined ? {} : { announced }) });
        },
      });
      return {
        found: result.found,
        new: result.new,
        complete: result.complete,
        ...(result.announced === undefined ? {} : { announced: result.announced }),
      };
    },
    abandon: async ({ playlistId }, error) => {
      const { database, intervalMs } = dependencies;
      const failedPasses = (await database.playlists.find(playlistId))?.failed_passes ?? 0;
      const nextPass = nextPassAfterFailure(error, failedPasses, intervalMs, new Date());
      await database.playlists.recordFailure(playlistId, error, nextPass);
    },
  };
}
