import type { Stage, VideoStatus } from '../domain/video-status.ts';
import type { Database } from '../database/database.ts';
import type { PlaylistDocument, VideoDocument } from '../database/documents.ts';
import { QUEUE_NAMES, type QueueName } from '../queues/catalogue.ts';
import type { JobQueues, QueueCounts } from '../queues/job-queues.ts';
import type { IntakePauseRecord } from '../queues/intake-pauses.ts';
import { readRedisHealth, type RedisWarning } from '../queues/redis-health.ts';
import { collectEgress, type EgressStatus } from '../egress/egress-status.ts';
import { ERROR_CLASSES, isErrorClass } from '../domain/error-classes.ts';
import { egressLedgerOf } from '../egress/egress-ledger.ts';

/** The state of a queue; `oldestWaitingSeconds` is null when nothing waits. */
export interface QueueStatus extends QueueCounts {
  readonly oldestWaitingSeconds: number | null;
}

/** A playlist as the last pass over it found it; null where that is not known. */
export interface PlaylistStatus {
  readonly id: string;
  readonly url: string;
  readonly title: string | null;
  readonly announced: number | null;
  readonly found: number | null;
  readonly complete: boolean | null;
  readonly enabled: boolean;
  readonly lastExpandedAt: Date | null;
  readonly error: { readonly class: string; readonly message: string; readonly advice: string } | null;
}

/** One video that failed or waits for its next round. `id` is its `_id`. */
export interface FailingVideo {
  readonly id: string;
  readonly title: string | null;
  readonly url: string;
  readonly stage: Stage;
  readonly class: string;
  readonly message: string;
  readonly advice: string;
  /** When it failed last. */
  readonly at: Date;
  readonly nextRetryAt: Date | null;
  readonly retryAttempts: number;
}

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
  /** The ways out to the site, by name. */
  readonly egress: readonly EgressStatus[];
  /** Settings that endanger jobs. */
  readonly warnings: readonly RedisWarning[];
}

const LISTED_VIDEOS = 10;

/**
 * Gathers the state of videos, queues and playlists; the parts are read side by side, not at one instant.
 * @throws TransientError when Redis or MongoDB does not answer.
 */
export async function collectStatus(database: Database, queues: JobQueues): Promise<Status> {
  // BullMQ waits without end for a Redis that was never there; a ping ends within seconds.
  await Promise.all([queues.ping(), database.ping()]);
  const at = new Date();
  const [videos, queueStatuses, playlists, audio, failed, latestFailed, retrying, pauses, egress, warnings] =
    await Promise.all([
      database.overview.countByStatus(),
      collectQueues(queues, at),
      database.playlists.all(),
      database.overview.sumStoredAudio(),
      database.overview.countFailedByClass(),
      database.overview.latestFailed(LISTED_VIDEOS),
      takeFirst(database.overview.retrying(), LISTED_VIDEOS),
      queues.pauses.list(),
      collectEgress(egressLedgerOf(queues), at),
      redisWarnings(queues),
    ]);
  return {
    at,
    videos: { total: Object.values(videos).reduce((sum, count) => sum + count, 0), ...videos },
    queues: queueStatuses,
    playlists: playlists.map(describePlaylist),
    audio: { hours: audio.seconds / 3600, bytes: audio.bytes },
    failures: failed.map(({ errorClass, count }) => ({
      class: errorClass,
      count,
      advice: adviceFor(errorClass),
    })),
    recentFailures: latestFailed.map(describeVideo),
    nextRetries: retrying.map(describeVideo),
    pauses,
    egress,
    warnings,
  };
}

/** A login that may not ask a server for its state is no reason to show nothing. */
async function redisWarnings(queues: JobQueues): Promise<readonly RedisWarning[]> {
  try {
    return (await readRedisHealth(queues.redis)).warnings;
  } catch {
    return [];
  }
}

/** What a person can do about failures of a class; also for a class that another version wrote. */
function adviceFor(errorClass: string): string {
  return ERROR_CLASSES[isErrorClass(errorClass) ? errorClass : 'unknown'].advice;
}

async function collectQueues(queues: JobQueues, now: Date): Promise<Record<QueueName, QueueStatus>> {
  const entries = await Promise.all(
    QUEUE_NAMES.map(async (name) => {
      const [counts, oldest] = await Promise.all([queues.counts(name), queues.oldestWaiting(name)]);
      const ageMs = oldest === undefined ? undefined : Math.max(0, now.getTime() - oldest.getTime());
      return [name, { ...counts, oldestWaitingSeconds: ageMs === undefined ? null : ageMs / 1000 }] as const;
    }),
  );
  return Object.fromEntries(entries) as Record<QueueName, QueueStatus>;
}

function describePlaylist(playlist: PlaylistDocument): PlaylistStatus {
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

function describeVideo(video: VideoDocument): FailingVideo {
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

async function takeFirst<T>(source: AsyncIterable<T>, limit: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of source) {
    taken.push(item);
    if (taken.length >= limit) break;
  }
  return taken;
}
