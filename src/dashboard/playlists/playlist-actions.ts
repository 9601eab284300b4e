import { z } from 'zod';
import type { Database } from '../../database/database.ts';
import type { Actor } from '../../operations/audited.ts';
import {
  addPlaylists,
  forgetPlaylists,
  pausePlaylists,
  resumePlaylists,
  type PlaylistResult,
} from '../../operations/manage-playlists.ts';
import { parsePlaylistLines, readPlaylistLines } from '../../producers/playlist-lines.ts';
import type { PlaylistReference } from '../../media/playlist-listing.ts';
import type { JobQueues } from '../../queues/job-queues.ts';
import type { ObjectStore } from '../../storage/object-store.ts';

interface ActionDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
  readonly store: ObjectStore;
  /** Whether personal lists can be read: an egress address has the cookies of an account. */
  readonly personalLists: boolean;
}

const PLAYLIST_ACTION_NAMES = ['pause', 'resume', 'read', 'forget'] as const;
export type PlaylistActionName = (typeof PLAYLIST_ACTION_NAMES)[number];

export const PLAYLIST_ACTION_LABELS: Readonly<Record<PlaylistActionName, string>> = {
  pause: 'Pause',
  resume: 'Resume',
  read: 'Read now',
  forget: 'Forget',
};

export const playlistActionSchema = z.object({ action: z.enum(PLAYLIST_ACTION_NAMES) });

/** The lines of a playlist file, as a person types them into the form. */
export const addedLinesSchema = z.object({ lines: z.string().max(32 * 1024) });

/** Does something with a playlist. @returns what came of it, such as `paused`; undefined when it is unknown. */
export async function runPlaylistAction(
  action: PlaylistActionName,
  id: string,
  actor: Actor,
  { database, queues, store }: ActionDependencies,
): Promise<string | undefined> {
  const dependencies = { database, queues };
  const playlist = await database.playlists.findById(id);
  if (playlist === undefined) return undefined;
  const run = async (): Promise<readonly PlaylistResult<string>[]> => {
    switch (action) {
      case 'pause':
        return await pausePlaylists([id], actor, dependencies);
      case 'resume':
      case 'read':
        return await resumePlaylists([id], actor, dependencies);
      case 'forget':
        return await forgetPlaylists([id], { withVideos: false, everywhere: false, dryRun: false }, actor, {
          ...{ ...dependencies, store, mirror: undefined, signal: new AbortController().signal },
        });
    }
  };
  return (await run())[0]?.outcome;
}

/** What came of lines that were typed in: how many playlists were added, and the lines that were refused. */
export interface AddedLines {
  readonly added: number;
  readonly known: number;
  readonly problems: readonly { readonly line: number; readonly text: string; readonly reason: string }[];
}

/** Adds the playlists that these lines name; the others are refused each with its reason. */
export async function addLines(
  text: string,
  actor: Actor,
  { database, queues, personalLists }: ActionDependencies,
): Promise<AddedLines> {
  const references: PlaylistReference[] = [];
  const problems: { line: number; text: string; reason: string }[] = [];
  const lines = readPlaylistLines([Buffer.from(text)], 'form');
  for await (const parsed of parsePlaylistLines(lines, { personalLists })) {
    const { number, text: said } = parsed.line;
    const refuse = (reason: string) => problems.push({ line: number, text: said, reason });
    if (parsed.type === 'problem') refuse(parsed.reason);
    else if (parsed.type === 'reference') {
      if (parsed.reference.kind === 'video') refuse('is a single video: add it with `npm run enqueue`');
      else references.push(parsed.reference);
    }
  }
  const results = references.length === 0 ? [] : await addPlaylists(references, actor, { database, queues });
  const known = results.filter(({ outcome }) => outcome === 'known').length;
  return { added: results.length - known, known, problems };
}
