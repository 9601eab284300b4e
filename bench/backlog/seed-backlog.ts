import type { Database } from '../../src/database/database.ts';

const BATCH = 2_000;
const ITEMS_A_PLAYLIST = 50_000;
const MINUTE_MS = 60_000;
/** A database that takes longer is not one for so many. */
const DEADLINE_MINUTES = 30;

/**
 * Fills an empty database with videos that wait for their download, in playlists of 50,000.
 * @throws Error when it takes too long
 */
export async function seedBacklog(
  database: Database,
  videos: number,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const { connection } = database;
  const now = Date.now();
  await connection
    .collection('playlists')
    .insertMany(
      Array.from({ length: Math.ceil(videos / ITEMS_A_PLAYLIST) }, (_value, index) =>
        playlist(index, now),
      ) as never,
    );
  for (let start = 0; start < videos; start += BATCH) {
    signal.throwIfAborted();
    if (Date.now() - now > DEADLINE_MINUTES * MINUTE_MS) {
      throw new Error(
        `Only ${start.toLocaleString('en')} were written in ${String(DEADLINE_MINUTES)} minutes.`,
      );
    }
    const indexes = Array.from(
      { length: Math.min(BATCH, videos - start) },
      (_value, offset) => start + offset,
    );
    await connection.collection('videos').insertMany(indexes.map((index) => video(index, now)) as never);
    await connection
      .collection('playlist_items')
      .insertMany(indexes.map((index) => item(index, now)) as never);
    if (start % 100_000 === 0 && start > 0)
      console.error(`${start.toLocaleString('en')} videos are written.`);
  }
}

const videoIdOf = (index: number) => `w${String(index).padStart(10, '0')}`;
const playlistIdOf = (index: number) => `playlist.PLwaiting${String(index)}`;

/** As a listing leaves it. */
export function video(index: number, now: number) {
  const videoId = videoIdOf(index);
  const at = new Date(now - MINUTE_MS - index);
  return {
    _id: `youtube.${videoId}`,
    provider: 'youtube',
    video_id: videoId,
    url: `https://www.youtube.com/watch?v=${videoId}`,
    title: `A title of the usual length, part ${String(index)}`,
    author: `Channel ${String(index % 50)}`,
    channel_id: `UC${String(index % 50).padStart(22, '0')}`,
    duration: 240,
    status: 'discovered',
    taken_in_by: playlistIdOf(Math.floor(index / ITEMS_A_PLAYLIST)),
    round: 0,
    first_round: 0,
    retry_attempts: 0,
    created_at: at,
    updated_at: at,
  };
}

export function item(index: number, now: number) {
  const playlistId = playlistIdOf(Math.floor(index / ITEMS_A_PLAYLIST));
  const at = new Date(now);
  return {
    _id: `${playlistId}/youtube.${videoIdOf(index)}`,
    playlist_id: playlistId,
    video_id: `youtube.${videoIdOf(index)}`,
    position: index % ITEMS_A_PLAYLIST,
    first_seen_at: at,
    last_seen_at: at,
  };
}

function playlist(index: number, now: number) {
  return {
    _id: playlistIdOf(index),
    url: `https://www.youtube.com/playlist?list=PLwaiting${String(index)}`,
    title: `Waiting ${String(index)}`,
    announced_count: ITEMS_A_PLAYLIST,
    found_count: ITEMS_A_PLAYLIST,
    complete: true,
    last_expanded_at: new Date(now),
    enabled: true,
  };
}
