import { parsePlaylistReference, type ReferenceOptions } from '../../producers/playlist-reference.ts';
import { expandPlaylist, type ExpandOptions } from '../../producers/expand-playlist.ts';
import { recordExpansionFailure } from '../../producers/schedule.ts';
import { definedFields } from '../../domain/defined-fields.ts';
import { PermanentError } from '../../domain/job-errors.ts';
import type { Processor } from '../processor.ts';

/** Makes the processor that expands a recorded playlist again. */
export function createPlaylistProcessor(
  dependencies: Omit<ExpandOptions, 'signal' | 'onProgress' | 'force' | 'priority'> & ReferenceOptions,
): Processor<'playlist'> {
  return {
    process: async ({ playlistId }, { signal, reportProgress }) => {
      const playlist = await dependencies.database.playlists.findById(playlistId);
      if (playlist?.enabled !== true) return { outcome: 'superseded' };
      const parsed = parsePlaylistReference(playlist.url, dependencies);
      if (!parsed.ok) throw new PermanentError('unsupported', `${playlistId} ${parsed.reason}.`);
      if (parsed.reference.id !== playlistId) {
        throw new PermanentError(
          'unsupported',
          `The recorded URL of ${playlistId} belongs to another playlist.`,
        );
      }
      const result = await expandPlaylist(parsed.reference, {
        ...dependencies,
        signal,
        onProgress: ({ found, announced }) => {
          reportProgress({ found, ...definedFields({ announced }) });
        },
      });
      // Playlists that were known have a schedule of their own. After a crash here, their schedule finds the new ones too.
      for (const { id, isNew } of result.playlists) {
        if (isNew) await dependencies.queues.add('playlist', { playlistId: id });
      }
      const { found, new: inserted, complete, announced } = result;
      return { found, new: inserted, complete, ...definedFields({ announced }) };
    },
    abandon: ({ playlistId }, error) => recordExpansionFailure(dependencies, playlistId, error),
  };
}
