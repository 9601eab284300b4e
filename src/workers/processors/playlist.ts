import { parsePlaylistReference } from '../../producers/playlist-reference.ts';
import { expandPlaylist, type ExpandOptions } from '../../producers/expand-playlist.ts';
import { recordExpansionFailure } from '../../producers/schedule.ts';
import { PermanentError } from '../../domain/job-errors.ts';
import type { Processor } from '../processor.ts';

/** Makes the processor that expands a recorded playlist again. */
export function createPlaylistProcessor(
  dependencies: Omit<ExpandOptions, 'signal' | 'onProgress' | 'force' | 'priority'>,
): Processor<'playlist'> {
  return {
    process: async ({ playlistId }, { signal, reportProgress }) => {
      const playlist = await dependencies.database.playlists.find(playlistId);
      if (playlist?.enabled !== true) return { outcome: 'superseded' };
      const parsed = parsePlaylistReference(playlist.url);
      if (!parsed.ok || parsed.reference.id !== playlistId) {
        throw new PermanentError(
          'unsupported',
          `The recorded URL of ${playlistId} belongs to another playlist.`,
        );
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
    abandon: ({ playlistId }, error) => recordExpansionFailure(dependencies, playlistId, error),
  };
}
