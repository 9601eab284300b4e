import { createReadStream } from 'node:fs';
import type { Database } from '../database/database.ts';
import type { PlaylistReference } from '../media/playlist-listing.ts';
import { parsePlaylistLines, readPlaylistLines } from '../producers/playlist-lines.ts';
import { plainText } from '../text/plain-text.ts';
import { audited, type Actor } from './audited.ts';

/** Playlists that are still read although the playlist file does not name them any more. */
export type RemovedLine = Awaited<ReturnType<typeof playlistsRemovedFromFile>>[number];

/** Records which playlists the playlist file names. */
export async function recordPlaylistFile(
  references: readonly PlaylistReference[],
  { playlistDecisions }: Database,
): Promise<void> {
  await playlistDecisions.markInFile(references.filter(({ kind }) => kind !== 'video').map(({ id }) => id));
}

/**
 * The playlists that the playlist file named once and does not name any more: to be offered for forgetting. None when the
 * file cannot be read.
 */
export async function playlistsRemovedFromFile({ playlistDecisions }: Database, file: string) {
  const known = await playlistDecisions.inFile();
  if (known.length === 0) return [];
  const named = new Set<string>();
  const stream = createReadStream(file);
  const lines = readPlaylistLines(stream as AsyncIterable<Buffer>, file);
  try {
    for await (const parsed of parsePlaylistLines(lines, { personalLists: true })) {
      if (parsed.type === 'reference') named.add(parsed.reference.id);
    }
  } catch {
    return [];
  } finally {
    stream.destroy();
  }
  return known
    .filter(({ _id }) => !named.has(_id))
    .map(({ _id: id, title, url }) => ({ id, title: title ?? null, url }));
}

const MAX_LISTED = 10;
const TITLE_LENGTH = 60;

/** Offers to forget playlists that the playlist file does not name any more. */
export function removedLines(removed: readonly RemovedLine[], file: string): string {
  const isOne = removed.length === 1;
  const listed = removed
    .slice(0, MAX_LISTED)
    .map(({ id, title }) => `  ${id}${title === null ? '' : `  ${plainText(title, TITLE_LENGTH)}`}`);
  const more = removed.length - listed.length;
  return [
    `${file} does not name ${isOne ? 'this playlist' : `these ${String(removed.length)} playlists`} any more; ${isOne ? 'it is' : 'they are'} still read:`,
    ...listed,
    ...(more > 0 ? [`  … and ${String(more)} more`] : []),
    '  To stop that: `npm run playlists -- forget ID …`   (--with-videos also deletes the audio that only they contain)',
  ].join('\n');
}

/** What a playlist's record says about reading it. */
export type Admission = 'wanted' | 'paused' | 'forgotten';

/** Whether a person paused or forgot a playlist. */
export async function admissionOf(id: string, { playlists }: Database): Promise<Admission> {
  const playlist = await playlists.findById(id);
  if (playlist?.enabled !== false) return 'wanted';
  return playlist.forgotten_at ? 'forgotten' : 'paused';
}

/** A person named a paused or forgotten playlist: it is read again. */
export async function readmitPlaylist(id: string, actor: Actor, database: Database): Promise<void> {
  const target = { operation: 'playlists.resume', targets: [id] };
  await audited(database, actor, target, async () => {
    await database.playlistDecisions.resume([id]);
    return 'named to enqueue';
  });
}
