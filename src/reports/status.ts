import type { PlaylistDocument } from '../database/collections/playlist.ts';
import type { VideoDocument } from '../database/collections/video.ts';
import type { QueueName } from '../domain/queues.ts';
import type { AudioSum } from '../database/audio-totals.ts';
import type { Database } from '../database/database.ts';
import type { VideoStatus } from '../domain/video-status.ts';
import type { IntakePauseRecord } from '../queues/intake-pauses.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { readRedisHealth } from '../queues/redis-health.ts';
import { readEgressStatus } from '../egress/egress-status.ts';
import { adviceFor } from '../domain/error-classes.ts';
import { egressLedgerOf } from '../egress/egress-ledger.ts';
import { readQueueStates } from './queue-states.ts';
import { readNoNetwork } from './collection/no-network.ts';
import { ytDlpWarnings } from './yt-dlp-warnings.ts';
import { shownAddress } from '../domain/shown-address.ts';

/** The state of everything, as `npm run status -- --json` prints it. */
export type Status = Awaited<ReturnType<typeof collectStatus>>;
/** The state of a queue; `oldestWaitingSeconds` is null when nothing waits. */
export type QueueStatus = Status['queues'][QueueName];
export type PlaylistStatus = ReturnType<typeof describePlaylist>;
export type FailingVideo = ReturnType<typeof describeVideo>;

const LISTED_VIDEOS = 10;

/**
 * Reads the state of videos, queues and playlists; the parts are read concurrently, not at one instant.
 * @param ytDlpVersion of this machine, if it is known.
 * @throws TransientError when Redis or MongoDB does not answer.
 */
export async function collectStatus(database: Database, queues: JobQueues, ytDlpVersion?: string) {
  // BullMQ waits forever for a Redis that it could never reach; a ping ends within seconds.
  await Promise.all([queues.ping(), database.ping()]);
  const at = new Date();
  const [
    byStatus,
    audioSum,
    { queues: queueStatus, pausedQueues, countedAt: backlogAt },
    playlists,
    failed,
    latestFailed,
    retrying,
    pauses,
    egress,
    warnings,
    noNetwork,
  ] = await Promise.all([
    database.videoCounts.byStatus(),
    database.audioTotals.read(),
    readQueueStates(database, queues, at),
    database.playlists.all(),
    database.videoCounts.failuresByClass(),
    database.overview.latestFailed(LISTED_VIDEOS),
    takeFirst(database.overview.retrying(), LISTED_VIDEOS),
    queues.pauses.list(),
    readEgressStatus(egressLedgerOf(queues), at),
    // Without warnings when the Redis user may not read the server's configuration.
    readRedisHealth(queues.redis).then(
      (health) => health.warnings,
      () => [],
    ),
    readNoNetwork(database),
  ]);
  const { videos, ...audio } = describeTotals(byStatus.counts, audioSum);
  const countedAt = earliest([byStatus.countedAt, backlogAt, failed.countedAt]);
  return {
    at,
    /** Of an archive with more videos than are counted each time: when they were; null: now. */
    countedAt: countedAt ?? null,
    videos,
    queues: queueStatus,
    playlists: playlists.map(describePlaylist),
    audio,
    /** How many videos failed for which reason, most first. */
    failures: failed.counts.map(({ errorClass, count }) => ({
      class: errorClass,
      count,
      advice: adviceFor(errorClass, 'failed'),
    })),
    recentFailures: latestFailed.map(describeVideo),
    nextRetries: retrying.map(describeVideo),
    /** Workers that take no jobs of a queue, and why; the oldest first. */
    pauses,
    /** Queues that people have paused, for all workers. */
    pausedQueues,
    /** The egress addresses, by name. */
    egress,
    /** Settings that endanger jobs. */
    warnings,
    /** Said once, in place of a failure of each source; null while the sources can be reached. */
    noNetwork: noNetwork ?? null,
    /** Reasons to update yt-dlp. */
    ytDlp: ytDlpWarnings(ytDlpVersion, egress, at),
  };
}

/** Everything that a person is warned of, the network first. */
export function statusWarnings({
  noNetwork,
  warnings,
  ytDlp,
}: Pick<Status, 'noNetwork' | 'warnings' | 'ytDlp'>) {
  return [...(noNetwork === null ? [] : [noNetwork]), ...warnings, ...ytDlp].map(({ message, advice }) => ({
    message,
    advice,
  }));
}

/** How many videos there are by status and in all, and all audio in the bucket. */
export function describeTotals(videos: Readonly<Record<VideoStatus, number>>, audio: AudioSum) {
  return {
    videos: { total: Object.values(videos).reduce((sum, count) => sum + count, 0), ...videos },
    hours: audio.seconds / 3600,
    bytes: audio.bytes,
  };
}

function earliest(times: readonly (Date | undefined)[]): Date | undefined {
  return times
    .filter((time) => time !== undefined)
    .toSorted((one, other) => one.getTime() - other.getTime())
    .at(0);
}

/** A playlist as its last listing found it; null where that is not known. */
export function describePlaylist(playlist: PlaylistDocument) {
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
    url: shownAddress(video.url),
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

/**
 * Groups pauses by queue and error class: several workers with the same reason are one pause to a person. `since` is
 * when the first worker paused.
 */
export function groupPauses(pauses: readonly IntakePauseRecord[]) {
  const groups = Map.groupBy(pauses, (pause) => `${pause.queue} ${pause.class}`);
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const { worker: _worker, host: _host, ...shared } = first;
    return {
      ...shared,
      reason: first.item === undefined ? first.reason : `${first.item}: ${first.reason}`,
      since: new Date(Math.min(...members.map(({ since }) => since.getTime()))),
      workers: members.length,
      hosts: [...new Set(members.map(({ host }) => host))].sort(),
    };
  });
}
