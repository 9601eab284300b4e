import type { PlaylistDocument } from '../database/collections/playlist.ts';
import type { VideoDocument } from '../database/collections/video.ts';
import type { QueueCounts } from '../queues/job-lookup.ts';
import { QUEUE_NAMES, type QueueName } from '../domain/queues.ts';
import type { VideoStatus } from '../domain/video-status.ts';
import type { Database } from '../database/database.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import type { IntakePauseRecord } from '../queues/intake-pauses.ts';
import { readRedisHealth, type RedisWarning } from '../queues/redis-health.ts';
import { readEgressStatus, type EgressStatus } from '../egress/egress-status.ts';
import { adviceFor } from '../domain/error-classes.ts';
import { egressLedgerOf } from '../egress/egress-ledger.ts';

/** The state of a queue; `oldestWaitingSeconds` is null when nothing waits. */
export interface QueueStatus extends QueueCounts {
  readonly oldestWaitingSeconds: number | null;
}

export type PlaylistStatus = ReturnType<typeof describePlaylist>;
export type FailingVideo = ReturnType<typeof describeVideo>;

/** The state of everything, as `npm run status -- --json` prints it. */
export interface Status {
  readonly at: Date;
  readonly videos: Readonly<Record<'total' | VideoStatus, number>>;
  readonly queues: Readonly<Record<QueueName, QueueStatus>>;
  readonly playlists: readonly PlaylistStatus[];
  /** All audio in the bucket. */
  readonly audio: { readonly hours: number; readonly bytes: number };
  /** How many videos failed for which reason, most first. */
  readonly failures: readonly { readonly class: string; readonly count: number; readonly advice: string }[];
  readonly recentFailures: readonly FailingVideo[];
  readonly nextRetries: readonly FailingVideo[];
  /** Workers that take no jobs of a queue, and why; the oldest first. */
  readonly pauses: readonly IntakePauseRecord[];
  /** The egress addresses, by name. */
  readonly egress: readonly EgressStatus[];
  /** Settings that endanger jobs. */
  readonly warnings: readonly RedisWarning[];
}

const LISTED_VIDEOS = 10;

/**
 * Reads the state of videos, queues and playlists; the parts are read concurrently, not at one instant.
 * @throws TransientError when Redis or MongoDB does not answer.
 */
export async function collectStatus(database: Database, queues: JobQueues): Promise<Status> {
  // BullMQ waits forever for a Redis that it could never reach; a ping ends within seconds.
  await Promise.all([queues.ping(), database.ping()]);
  const at = new Date();
  const [
    { videos, audio },
    queueStatuses,
    playlists,
    failed,
    latestFailed,
    retrying,
    pauses,
    egress,
    warnings,
  ] = await Promise.all([
    readVideoTotals(database),
    collectQueues(queues, at),
    database.playlists.all(),
    database.overview.countFailedByClass(),
    database.overview.latestFailed(LISTED_VIDEOS),
    takeFirst(database.overview.retrying(), LISTED_VIDEOS),
    queues.pauses.list(),
    readEgressStatus(egressLedgerOf(queues), at),
    redisWarnings(queues),
  ]);
  return {
    at,
    videos,
    queues: queueStatuses,
    playlists: playlists.map(describePlaylist),
    audio,
    failures: failed.map(({ errorClass, count }) => ({
      class: errorClass,
      count,
      advice: adviceFor(errorClass, 'failed'),
    })),
    recentFailures: latestFailed.map(describeVideo),
    nextRetries: retrying.map(describeVideo),
    pauses,
    egress,
    warnings,
  };
}

/** How many videos there are by status, and all audio in the bucket. */
export async function readVideoTotals({ overview }: Database): Promise<Pick<Status, 'videos' | 'audio'>> {
  const [videos, audio] = await Promise.all([overview.countByStatus(), overview.sumStoredAudio()]);
  return {
    videos: { total: Object.values(videos).reduce((sum, count) => sum + count, 0), ...videos },
    audio: { hours: audio.seconds / 3600, bytes: audio.bytes },
  };
}

/** Without warnings when the Redis user may not read the server's configuration. */
async function redisWarnings(queues: JobQueues): Promise<readonly RedisWarning[]> {
  try {
    return (await readRedisHealth(queues.redis)).warnings;
  } catch {
    return [];
  }
}

async function collectQueues(queues: JobQueues, now: Date): Promise<Record<QueueName, QueueStatus>> {
  const entries = await Promise.all(
    QUEUE_NAMES.map(async (name) => {
      const [counts, oldest] = await Promise.all([queues.jobs.counts(name), queues.jobs.oldestWaiting(name)]);
      const ageMs = oldest === undefined ? undefined : Math.max(0, now.getTime() - oldest.getTime());
      return [name, { ...counts, oldestWaitingSeconds: ageMs === undefined ? null : ageMs / 1000 }] as const;
    }),
  );
  return Object.fromEntries(entries) as Record<QueueName, QueueStatus>;
}

/** A playlist as its last listing found it; null where that is not known. */
function describePlaylist(playlist: PlaylistDocument) {
  const { error } = playlist;
  return {
    id: playlist._id,
    url: playlist.url,
    title: playlist.title ?? null,
    announced: playlist.announced_count ?? null,
    found: playlist.found_count ?? null,
    complete: playlist.complete ?? null,
    enabled: playlist.enabled,
    lastExpandedAt: playlist.last_expanded_at ?? null,
    error: error ? { class: error.class, message: error.message, advice: error.advice } : null,
  };
}

/** A video that failed or waits for its next round; `at` is its last failure. */
function describeVideo(video: VideoDocument) {
  const errorClass = video.error?.class ?? 'unknown';
  return {
    id: video._id,
    title: video.title ?? null,
    url: video.url,
    stage: video.error?.stage ?? 'download',
    class: errorClass,
    message: video.error?.message ?? '',
    advice: video.error?.advice ?? adviceFor(errorClass),
    at: video.error?.at ?? video.updated_at,
    nextRetryAt: video.next_retry_at ?? null,
    retryAttempts: video.retry_attempts,
  };
}

/** The first items of a stream, at most `limit`. */
export async function takeFirst<T>(source: AsyncIterable<T>, limit: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of source) {
    taken.push(item);
    if (taken.length >= limit) break;
  }
  return taken;
}
