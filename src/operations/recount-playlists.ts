import type { PlaylistDocument } from '../database/collections/playlist.ts';
import type { Database } from '../database/database.ts';

/** How long figures are kept for each video of the playlist: counting 50,000 takes a second or two. */
const KEPT_MS_PER_VIDEO = 2;

/**
 * Counts what these playlists contain, unless their figures are newer than `minAgeMs` and the last reading. Those of large
 * playlists are kept longer: 100 s with 50,000 videos.
 */
export async function recountPlaylists(
  ids: readonly string[],
  minAgeMs: number,
  { playlists, playlistContents }: Database,
  signal: AbortSignal,
): Promise<void> {
  for (const id of ids) {
    if (signal.aborted) return;
    const playlist = await playlists.findById(id);
    if (playlist !== undefined && areOld(playlist, minAgeMs, new Date()))
      await playlistContents.recount(playlist, signal);
  }
}

function areOld(
  { figures, found_count: found, last_expanded_at: lastRead }: PlaylistDocument,
  minAgeMs: number,
  now: Date,
): boolean {
  if (!figures) return true;
  if (lastRead && figures.at < lastRead) return true;
  const keptMs = Math.max(minAgeMs, (found ?? 0) * KEPT_MS_PER_VIDEO);
  return now.getTime() - figures.at.getTime() >= keptMs;
}
