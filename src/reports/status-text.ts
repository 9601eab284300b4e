import { QUEUE_NAMES } from '../domain/queues.ts';
import { VIDEO_STATUSES } from '../domain/video-status.ts';
import { formatEgressStatus } from '../egress/egress-status.ts';
import { plainText } from '../text/plain-text.ts';
import {
  type FailingVideo,
  type PlaylistStatus,
  type QueueStatus,
  type Status,
  groupPauses,
  statusWarnings,
} from './status.ts';
import { formatTextTable, numbers } from '../text/tables.ts';
import { formatBytes, formatDuration } from '../text/units.ts';

const TITLE_LENGTH = 44;
const MESSAGE_LENGTH = 100;
const NAME_LENGTH = 40;
/** The reason of a pause contains the figures that explain it. */
const REASON_LENGTH = 240;

/** A part of the status, about one subject. */
export interface StatusSection {
  readonly text: string;
  /** Whether it tells of something that a person should look at. */
  readonly isTrouble: boolean;
}

/** The parts of the status that have something to say. */
export function statusSections(status: Status): readonly StatusSection[] {
  const trouble = (text: string) => ({ text, isTrouble: true });
  const state = (text: string) => ({ text, isTrouble: false });
  return [
    trouble(formatWarnings(status)),
    trouble(formatPausedQueues(status)),
    trouble(formatPauses(status)),
    state(formatVideos(status)),
    state(formatQueues(status)),
    state(formatEgressStatus(status.egress, status.at)),
    state(formatPlaylists(status.playlists)),
    trouble(formatFailures(status)),
    state(formatNextRetries(status)),
  ].filter(({ text }) => text !== '');
}

/** The status as tables for a terminal of about 100 columns. */
export function formatStatus(status: Status): string {
  return statusSections(status)
    .map(({ text }) => text)
    .join('\n\n');
}

function formatWarnings(status: Status): string {
  return statusWarnings(status)
    .map(({ message, advice }) => `WARNING: ${message}\n  ${advice}`)
    .join('\n');
}

export function formatPausedQueues({ pausedQueues, at }: Pick<Status, 'pausedQueues' | 'at'>): string {
  return pausedQueues
    .map(({ queue, at: since, user, via }) => {
      const age = since === null ? '' : ` for ${formatDuration((at.getTime() - since.getTime()) / 1000)}`;
      const by = via === null ? 'in Bull Board' : `by ${plainText(user ?? 'a person', NAME_LENGTH)} (${via})`;
      return `PAUSED BY A PERSON: ${queue}${age}, ${by}\n  \`npm run queues -- --resume ${queue}\` lets workers take its jobs again.`;
    })
    .join('\n');
}

function formatPauses({ pauses, at }: Status): string {
  return groupPauses(pauses)
    .map((pause) => {
      const seconds = Math.max(0, (at.getTime() - pause.since.getTime()) / 1000);
      const head = pause.kind === 'fault' ? 'PAUSED' : 'WAITING FOR LATER STAGES';
      const where = `${String(pause.workers)} ${pause.workers === 1 ? 'worker' : 'workers'} on ${pause.hosts.join(', ')}`;
      return [
        `${head}: ${pause.queue} for ${formatDuration(seconds)}, ${pause.class} (${where})`,
        `  ${plainText(pause.reason, REASON_LENGTH)}`,
        `  ${pause.advice}`,
      ].join('\n');
    })
    .join('\n');
}

function formatVideos(status: Status): string {
  const { videos, audio, at, countedAt } = status;
  const rows = VIDEO_STATUSES.map((name) => [name, String(videos[name])]);
  const table = formatTextTable(['VIDEOS', { number: String(videos.total) }], rows);
  const age =
    countedAt === null
      ? ''
      : `Large numbers were counted ${formatDuration(Math.max(0, at.getTime() - countedAt.getTime()) / 1000)} ago.\n`;
  return `${table}\n${age}${formatDuration(audio.hours * 3600)} of audio stored, ${formatBytes(audio.bytes)}`;
}

export function formatQueues(status: Pick<Status, 'queues'>): string {
  const table = formatTextTable(
    ['QUEUES', ...numbers(...QUEUE_HEADINGS)],
    QUEUE_NAMES.map((name) => [name, ...queueCells(status.queues[name])]),
  );
  const note = failedRunsNote(status);
  return note === undefined ? table : `${table}\n${note}`;
}

/** What failed jobs of the queue `collect` are, which a newcomer may take for a fault of the program. */
function failedRunsNote({ queues }: Pick<Status, 'queues'>): string | undefined {
  if (queues.collect.failed === 0) return undefined;
  return 'Failed in collect are runs whose source could not be read. Each source is collected again on its schedule: `npm run health` tells how each is now.';
}

/** The columns of a table of queues, after the name. */
const QUEUE_HEADINGS = ['waiting', 'active', 'delayed', 'failed', 'completed', 'oldest waiting'] as const;

function queueCells(queue: QueueStatus): string[] {
  const { waiting, active, delayed, failed, completed, oldestWaitingSeconds: oldest } = queue;
  return [
    ...[waiting, active, delayed, failed, completed].map(String),
    oldest === null ? '–' : formatDuration(oldest),
  ];
}

export function formatPlaylists(playlists: readonly PlaylistStatus[]): string {
  if (playlists.length === 0) return 'No playlists yet. Add some to playlist.txt and run `npm run enqueue`.';
  const table = formatTextTable(
    ['PLAYLISTS', ...numbers('announced', 'found'), 'complete', 'id'],
    playlists.map((playlist) => [
      plainText(playlist.title ?? playlist.url, TITLE_LENGTH),
      String(playlist.announced ?? '?'),
      String(playlist.found ?? '–'),
      completeness(playlist),
      playlist.id,
    ]),
  );
  const problems = playlists.flatMap(({ id, error }) =>
    error === null ? [] : [`  ${id}: ${plainText(error.message, MESSAGE_LENGTH)} ${error.advice}`],
  );
  return [table, ...problems].join('\n');
}

/** Whether the last listing was complete, in a word or two. */
function completeness(playlist: PlaylistStatus): string {
  if (!playlist.enabled) return 'paused';
  if (playlist.error !== null) return 'failed';
  if (playlist.complete === null) return 'not listed yet';
  return playlist.complete ? 'yes' : 'no, incomplete';
}

function formatFailures(status: Status): string {
  if (status.failures.length === 0) return '';
  const table = formatTextTable(
    ['FAILED', ...numbers('videos'), 'what to do'],
    status.failures.map((failure) => [failure.class, String(failure.count), failure.advice]),
  );
  const latest = status.recentFailures.map(
    (video) => `  ${idAndTitle(video)}: ${plainText(video.message, MESSAGE_LENGTH)}`,
  );
  return `${table}\nLatest failures:\n${latest.join('\n')}`;
}

function formatNextRetries(status: Status): string {
  if (status.nextRetries.length === 0) return '';
  return formatTextTable(
    ['NEXT RETRIES', 'in', 'stage', 'reason'],
    status.nextRetries.map((video) => [
      idAndTitle(video),
      video.nextRetryAt === null ? '?' : untilText(video.nextRetryAt, status.at),
      video.stage,
      video.class,
    ]),
  );
}

function idAndTitle(video: FailingVideo): string {
  return video.title === null ? video.id : `${video.id} (${plainText(video.title, TITLE_LENGTH)})`;
}

function untilText(moment: Date, now: Date): string {
  const seconds = (moment.getTime() - now.getTime()) / 1000;
  return seconds <= 0 ? 'now' : formatDuration(seconds);
}
