import type { Database } from '../database/database.ts';
import type { PlaylistReference } from '../media/playlist-listing.ts';
import { FIRST_EXPANSION_LIMIT_MS } from '../producers/schedule.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import type { DeletionDependencies } from '../reconcile/finish-deletion.ts';
import { audited, type Actor } from './audited.ts';
import { deleteRecorded } from './delete-videos.ts';

interface PlaylistDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
}

/** What became of a playlist, by its `_id`. */
export interface PlaylistResult<Outcome extends string> {
  readonly id: string;
  readonly outcome: Outcome;
  /** The playlists that were found in it, if it is a list of playlists; the same was done with them. */
  readonly nested: readonly string[];
}

export type AddOutcome = 'added' | 'known' | 'resumed';

/** Records playlists and adds a job that reads each of them now. Paused and forgotten ones are taken up again. */
export async function addPlaylists(
  references: readonly PlaylistReference[],
  actor: Actor,
  { database, queues }: PlaylistDependencies,
): Promise<PlaylistResult<AddOutcome>[]> {
  const targets = references.map(({ id }) => id);
  return await audited(database, actor, { operation: 'playlists.add', targets }, async () => {
    const results: PlaylistResult<AddOutcome>[] = [];
    for (const reference of references) {
      const known = await database.playlists.findById(reference.id);
      await database.playlists.register(reference, new Date(Date.now() + FIRST_EXPANSION_LIMIT_MS));
      const isResumed = known?.enabled === false;
      if (isResumed) await database.playlistDecisions.resume([reference.id]);
      await queues.add('playlist', { playlistId: reference.id });
      const outcome = known === undefined ? 'added' : isResumed ? 'resumed' : 'known';
      results.push({ id: reference.id, outcome, nested: [] });
    }
    return results;
  });
}

export type PauseOutcome = 'paused' | 'forgotten' | 'unknown';

/**
 * Playlists that are not read until they are resumed. A reading that is under way ends soon; the videos found so far go on.
 */
export async function pausePlaylists(
  ids: readonly string[],
  actor: Actor,
  { database }: PlaylistDependencies,
): Promise<PlaylistResult<PauseOutcome>[]> {
  return await audited(database, actor, { operation: 'playlists.pause', targets: ids }, () =>
    forEachKnown<PauseOutcome>(ids, database, async (id, isForgotten) => {
      if (isForgotten) return { id, outcome: 'forgotten', nested: [] };
      const all = await database.playlistDecisions.withNested(id);
      await database.playlistDecisions.pause(all);
      return { id, outcome: 'paused', nested: all.slice(1) };
    }),
  );
}

export type ResumeOutcome = 'resumed' | 'forgotten' | 'unknown';

/** Paused playlists are read again, now. */
export async function resumePlaylists(
  ids: readonly string[],
  actor: Actor,
  { database, queues }: PlaylistDependencies,
): Promise<PlaylistResult<ResumeOutcome>[]> {
  return await audited(database, actor, { operation: 'playlists.resume', targets: ids }, () =>
    forEachKnown<ResumeOutcome>(ids, database, async (id, isForgotten) => {
      // `add` takes it up again, with its address.
      if (isForgotten) return { id, outcome: 'forgotten', nested: [] };
      const all = await database.playlistDecisions.withNested(id);
      await database.playlistDecisions.resume(all);
      for (const playlistId of all) await queues.add('playlist', { playlistId });
      return { id, outcome: 'resumed', nested: all.slice(1) };
    }),
  );
}

export interface ForgetOptions {
  /** Also deletes the videos that no other playlist contains. */
  readonly withVideos: boolean;
  /** Also their copies in Azure. */
  readonly everywhere: boolean;
  /** Only counts. */
  readonly dryRun: boolean;
  readonly onProgress?: (deletedVideos: number) => void;
}

export interface ForgetResult extends PlaylistResult<'forgotten' | 'unknown'> {
  /** Videos deleted with it, those whose objects reconcile still has to remove included. */
  readonly videos: number;
}

/**
 * Playlists that are not read any more, also when a line of a file still names them. Their videos stay, unless
 * `withVideos`; those that another playlist contains stay in any case.
 */
export async function forgetPlaylists(
  ids: readonly string[],
  options: ForgetOptions,
  actor: Actor,
  dependencies: DeletionDependencies,
): Promise<ForgetResult[]> {
  const { database } = dependencies;
  const work = async () => {
    const results: ForgetResult[] = [];
    for (const id of ids) {
      const isKnown = (await database.playlists.findById(id)) !== undefined;
      if (isKnown) results.push(await forget(id, options, dependencies));
      else results.push({ id, outcome: 'unknown', nested: [], videos: 0 });
    }
    return results;
  };
  const { dryRun, everywhere, withVideos } = options;
  if (dryRun) return await work();
  const operation = ['playlists.forget', withVideos && 'with videos', everywhere && 'everywhere']
    .filter(Boolean)
    .join(' ');
  return await audited(database, actor, { operation, targets: ids }, work);
}

/** A crash leaves a playlist that is forgotten and still has items: the same call continues with them. */
async function forget(
  id: string,
  { withVideos, everywhere, dryRun, onProgress }: ForgetOptions,
  dependencies: DeletionDependencies,
): Promise<ForgetResult> {
  const { playlistDecisions } = dependencies.database;
  const all = await playlistDecisions.withNested(id);
  // First, so that no reading adds videos meanwhile.
  if (!dryRun) await playlistDecisions.forget(all);
  let videos = 0;
  for (const playlistId of all) {
    if (withVideos) {
      for await (const keys of playlistDecisions.videosOnlyIn(playlistId, all)) {
        const before = videos;
        if (!dryRun) {
          await deleteRecorded(
            keys,
            { everywhere, onProgress: (done) => onProgress?.(before + done) },
            dependencies,
          );
        }
        videos += keys.length;
      }
    }
  }
  // After all deletions: until then the items say which videos are left.
  if (!dryRun) for (const playlistId of all) await playlistDecisions.removeItems(playlistId);
  return { id, outcome: 'forgotten', nested: all.slice(1), videos };
}

async function forEachKnown<Outcome extends string>(
  ids: readonly string[],
  { playlists }: Database,
  work: (id: string, isForgotten: boolean) => Promise<PlaylistResult<Outcome | 'unknown'>>,
): Promise<PlaylistResult<Outcome | 'unknown'>[]> {
  const results: PlaylistResult<Outcome | 'unknown'>[] = [];
  for (const id of ids) {
    const playlist = await playlists.findById(id);
    const isForgotten = playlist?.forgotten_at !== undefined && playlist.forgotten_at !== null;
    if (playlist === undefined) results.push({ id, outcome: 'unknown', nested: [] });
    else results.push(await work(id, isForgotten));
  }
  return results;
}
