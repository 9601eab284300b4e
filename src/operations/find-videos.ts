import type { Database } from '../database/database.ts';
import type { VideoFilter } from '../database/video-search.ts';
import { videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import { takeFirst } from '../reports/status.ts';
import { toVideoRow } from './video-row.ts';

export type { VideoRow } from './video-row.ts';
export type VideoDetails = NonNullable<Awaited<ReturnType<typeof showVideo>>>;

const SHOWN_ATTEMPTS = 20;
const SHOWN_DECISIONS = 20;

/** Videos that match, at most `limit`. */
export async function findVideos(filter: VideoFilter, limit: number, { search }: Database) {
  return (await takeFirst(search.find(filter), limit)).map(toVideoRow);
}

/** All that is known of a video: its record, playlists, latest attempts, and what people did. */
export async function showVideo(key: VideoKey, database: Database) {
  const id = videoDocumentId(key);
  const video = await database.videos.find(key);
  if (video === undefined) return undefined;
  const [playlists, attempts, decisions] = await Promise.all([
    database.playlistDecisions.containing(id),
    database.attempts.ofVideo(id, SHOWN_ATTEMPTS),
    database.audit.ofTarget(id, SHOWN_DECISIONS),
  ]);
  return {
    video,
    playlists,
    attempts: attempts.map(
      ({
        timestamp,
        stage,
        round,
        attempt,
        status,
        worker,
        duration_ms: durationMs,
        error,
        error_class: errorClass,
      }) => ({
        ...{ timestamp, stage, round, attempt, status, worker, durationMs },
        errorClass: errorClass ?? null,
        error: error ?? null,
      }),
    ),
    decisions: decisions.map(({ at, user, via, operation }) => ({ at, user: user ?? null, via, operation })),
  };
}
