import type { Database } from '../../src/database/database.ts';
import type { VideoStatus } from '../../src/domain/video-status.ts';

const BATCH = 2_000;
const DAY_MS = 24 * 3_600_000;

/** One of each twenty videos, as in an archive that has been at work for weeks. */
const STATUSES: readonly VideoStatus[] = [
  ...Array.from({ length: 13 }, (): VideoStatus => 'mirrored'),
  'stored',
  'discovered',
  'discovered',
  'downloaded',
  'retrying',
  'failed',
  'skipped',
];

/** Fills an empty database with videos of all statuses, a playlist for each thousand, and the attempts of the last day. */
export async function seed(database: Database, videos: number): Promise<void> {
  const { connection } = database;
  const now = Date.now();
  const ids = Array.from({ length: videos }, (_value, index) => index);
  for (let start = 0; start < videos; start += BATCH) {
    const batch = ids.slice(start, start + BATCH);
    await connection
      .collection('videos')
      .insertMany(batch.map((index) => video(index, videos, now)) as never);
    await connection.collection('playlist_items').insertMany(batch.map((index) => item(index, now)) as never);
    const recent = batch.filter((index) => index % 10 === 0);
    await connection.collection('logs').insertMany(recent.map((index) => attempt(index, videos, now)));
  }
  await connection
    .collection('playlists')
    .insertMany(ids.slice(0, Math.ceil(videos / 1_000)).map((index) => playlist(index, now)) as never);
}

export function idOf(index: number): string {
  return `youtube.v${String(index).padStart(10, '0')}`;
}

function video(index: number, videos: number, now: number) {
  const status = STATUSES[index % STATUSES.length] ?? 'mirrored';
  const videoId = `v${String(index).padStart(10, '0')}`;
  // The last tenth within the last day.
  const at = new Date(now - ((videos - index) / videos) * 10 * DAY_MS);
  const isStored = status === 'stored' || status === 'mirrored';
  return {
    _id: idOf(index),
    provider: 'youtube',
    video_id: videoId,
    url: `https://www.youtube.com/watch?v=${videoId}`,
    title: `${index % 1_000 === 7 ? 'Rain and wind' : 'A title of the usual length'}, part ${String(index)}`,
    author: `Channel ${String(index % 50)}`,
    channel_id: `UC${String(index % 50)}`,
    duration: 240,
    status,
    round: 0,
    first_round: 0,
    retry_attempts: 0,
    ...(status === 'failed' || status === 'retrying'
      ? {
          error: {
            class: index % 3 === 0 ? 'private' : 'network',
            message: 'The connection was reset.',
            advice: 'Check the network.',
            stage: 'download',
            at,
          },
        }
      : {}),
    ...(status === 'retrying' ? { next_retry_at: new Date(now + index) } : {}),
    ...(isStored
      ? {
          audio: {
            bucket: 'b',
            key: `audio/youtube/${videoId}.mp3`,
            size: 9_600_000,
            duration: 240,
            format: 'mp3',
          },
          stored_at: at,
        }
      : {}),
    created_at: at,
    updated_at: at,
  };
}

function item(index: number, now: number) {
  const playlistId = `playlist.PL${String(Math.floor(index / 1_000))}`;
  const at = new Date(now);
  return {
    ...{ _id: `${playlistId}/${idOf(index)}`, playlist_id: playlistId, video_id: idOf(index) },
    ...{ position: index % 1_000, first_seen_at: at, last_seen_at: at },
  };
}

function attempt(index: number, videos: number, now: number) {
  return {
    video_id: idOf(index),
    url: 'https://www.youtube.com/',
    status: index % 100 === 0 ? 'failed' : 'success',
    timestamp: new Date(now - ((videos - index) / videos) * DAY_MS),
    retry_attempts: 0,
    stage: 'download',
    round: 0,
    attempt: 1,
    duration_ms: 1_000,
    worker: 'bench',
  };
}

function playlist(index: number, now: number) {
  return {
    _id: `playlist.PL${String(index)}`,
    url: `https://www.youtube.com/playlist?list=PL${String(index)}`,
    title: `Playlist ${String(index)}`,
    announced_count: 1_000,
    found_count: 1_000,
    complete: index % 10 !== 0,
    last_expanded_at: new Date(now),
    enabled: true,
  };
}
