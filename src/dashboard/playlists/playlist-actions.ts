import { z } from 'zod';
import type { Database } from '../../database/database.ts';
import type { Actor } from '../../operations/audited.ts';
import {
  forgetPlaylists,
  pausePlaylists,
  resumePlaylists,
  type ForgetOptions,
  type ForgetResult,
} from '../../operations/manage-playlists.ts';
import type { JobQueues } from '../../queues/job-queues.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { ObjectStore } from '../../storage/object-store.ts';

interface ActionDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
  readonly store: ObjectStore;
  readonly logger: Logger;
}

const PLAYLIST_ACTION_NAMES = ['pause', 'resume', 'read'] as const;
export type PlaylistActionName = (typeof PLAYLIST_ACTION_NAMES)[number];

export const playlistActionSchema = z.object({ action: z.enum(PLAYLIST_ACTION_NAMES) });
export const forgetSchema = z.object({ videos: z.enum(['keep', 'delete']) });
/** The lines of a playlist file, as a person types them into the form. */
export const addedLinesSchema = z.object({ lines: z.string().max(128 * 1024) });

/** Deleting thousands of videos takes longer than a person waits for a page. */
const FORGET_PATIENCE_MS = 3_000;

/** Does something with a playlist. @returns what came of it, such as `paused`. */
export async function runPlaylistAction(
  action: PlaylistActionName,
  id: string,
  actor: Actor,
  { database, queues }: ActionDependencies,
): Promise<string | undefined> {
  switch (action) {
    case 'pause':
      return (await pausePlaylists([id], actor, { database, queues }))[0]?.outcome;
    case 'resume':
    case 'read':
      return (await resumePlaylists([id], actor, { database, queues }))[0]?.outcome;
  }
}

const ONLY_COUNT: ForgetOptions = { withVideos: true, everywhere: false, dryRun: true };

/** How many videos are deleted when a playlist is forgotten with its videos. */
export async function countVideosOnlyIn(
  id: string,
  actor: Actor,
  dependencies: ActionDependencies,
): Promise<number> {
  const [result] = await forgetPlaylists([id], ONLY_COUNT, actor, deletionOf(dependencies));
  return result?.videos ?? 0;
}

/**
 * Forgets a playlist. What takes longer than a person waits goes on in the background; when this process ends meanwhile, the
 * page of the playlist offers to go on.
 */
export async function forgetPlaylist(
  id: string,
  withVideos: boolean,
  actor: Actor,
  dependencies: ActionDependencies,
): Promise<'forgotten' | 'forgetting'> {
  const options = { withVideos, everywhere: false, dryRun: false };
  const work: Promise<ForgetResult[]> = forgetPlaylists([id], options, actor, deletionOf(dependencies));
  const patience = Promise.withResolvers<'forgetting'>();
  const timer = setTimeout(() => {
    patience.resolve('forgetting');
    work.catch((error: unknown) => {
      dependencies.logger.error(
        { err: error, playlist: id },
        'The videos of a playlist were not all deleted',
      );
    });
  }, FORGET_PATIENCE_MS);
  try {
    return await Promise.race([work.then(() => 'forgotten' as const), patience.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function deletionOf({ database, queues, store }: ActionDependencies) {
  return { database, queues, store, mirror: undefined, signal: new AbortController().signal };
}
