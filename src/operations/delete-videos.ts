import { videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import { InterruptedError, OperatorError, toJobError } from '../domain/job-errors.ts';
import { finishDeletion, type DeletionDependencies } from '../reconcile/finish-deletion.ts';
import { audited, type Actor } from './audited.ts';
import type { VideoResult } from './skip-videos.ts';

/** `error`: why an object could not be removed. */
export type DeleteResult = VideoResult<DeleteOutcome> & { readonly error?: string };

/**
 * `deleted`: its audio is gone, now or before. `pending`: it is deleted, and reconcile removes what is left: a job of it
 * runs, or a store failed. `unknown`: the record has no such video.
 */
type DeleteOutcome = 'deleted' | 'pending' | 'unknown';

interface DeleteOptions {
  /** Also the copies in Azure. */
  readonly everywhere: boolean;
  readonly onProgress?: (done: number) => void;
}

/**
 * Deletes the audio of videos. Their records stay, so that no listing, retry, `--force` or reconcile brings them back.
 * @throws OperatorError when a store refuses or has no space; videos that were recorded as deleted by then are finished by the next call or by
 *   reconcile.
 */
export async function deleteVideos(
  keys: readonly VideoKey[],
  options: DeleteOptions,
  actor: Actor,
  dependencies: DeletionDependencies,
): Promise<DeleteResult[]> {
  const target = {
    operation: options.everywhere ? 'videos.delete everywhere' : 'videos.delete',
    targets: keys.map(videoDocumentId),
  };
  return await audited(dependencies.database, actor, target, () =>
    deleteRecorded(keys, options, dependencies),
  );
}

/** As `deleteVideos`, as a part of another operation, which has the row in the audit. */
export async function deleteRecorded(
  keys: readonly VideoKey[],
  { everywhere, onProgress }: DeleteOptions,
  dependencies: DeletionDependencies,
): Promise<DeleteResult[]> {
  const { database, signal } = dependencies;
  const results: DeleteResult[] = [];
  for (const key of keys) {
    if (signal.aborted) throw new InterruptedError('Interrupted; run the command again to continue.');
    const id = videoDocumentId(key);
    // The record before the objects: the other way round, a crash would leave a record whose object is lost, which
    // reconcile would restore.
    await database.decisions.requestDeletion(key, everywhere);
    try {
      const outcome = await finishDeletion(key, dependencies);
      const isKnown = outcome !== 'superseded' || (await database.videos.find(key)) !== undefined;
      // Superseded by another request that is under way, which then finishes it.
      results.push({ id, outcome: !isKnown ? 'unknown' : outcome === 'finished' ? 'deleted' : 'pending' });
    } catch (thrown) {
      const error = toJobError(thrown, signal);
      if (error instanceof InterruptedError || error instanceof OperatorError) throw error;
      results.push({ id, outcome: 'pending', error: error.message });
    }
    onProgress?.(results.length);
  }
  return results;
}
