import { VIDEO_STATUSES } from '../domain/video-status.ts';
import { QUEUE_NAMES } from '../queues/catalogue.ts';
import { formatEgress } from '../egress/egress-status.ts';
import { groupPauses } from './pause-groups.ts';
import { plainText } from '../text/plain-text.ts';
import type { PlaylistStatus, Status, FailingVideo } from './status.ts';
import { formatTextTable } from '../text/text-table.ts';
import { formatBytes, formatDuration } from '../text/units.ts';

const TITLE_LENGTH = 44;
const MESSAGE_LENGTH = 100;
/** The reason of a pause has the figures that explain it. */
const PAUSE_LENGTH = 240;

/** The status as tables for a terminal, 100 columns or a little more. */
export function formatStatus(status: Status): string {
  return [
    formatWarnings(status),
    formatPauses(status),
    formatVideos(status),
    formatQueues(status),
    formatEgress(status.egress, status.at),
    formatPlaylists(status.playlists),
    formatFailures(status),
    formatNextRetries(status),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function formatWarnings({ warnings }: Status): string {
  return warnings.map(({ message, advice }) => `WARNING: ${message}\n  ${advice}`).join('\n');
}

function formatPauses({ pauses, at }: Status): string {
  return groupPauses(pauses)
    .map((pause) => {
      const seconds = Math.max(0, (at.getTime() - pause.since.getTime()) / 1000);
      const head = pause.kind === 'fault' ? 'PAUSED' : 'WAITING FOR ROOM';
      const where = `${String(pause.workers)} ${pause.workers === 1 ? 'worker' : 'workers'} on ${pause.hosts.join(', ')}`;
      return [
        `${head}: ${pause.queue} for ${formatDuration(seconds)}, ${pause.class} (${where})`,
        `  ${plainText(pause.reason, PAUSE_LENGTH)}`,
        `  ${pause.advice}`,
      ].join('\n');
    })
    .join('\n');
}

function formatVideos(status: Status): string {
  const { videos, audio } = status;
  const rows = VIDEO_STATUSES.map((name) => [name, String(videos[name])]);
  const table = formatTextTable(
    [{ heading: 'VIDEOS' }, { heading: String(videos.total), align: 'right' }],
    rows,
  );
  return `${table}\n${formatDuration(audio.hours * 3600)} of audio stored, ${formatBytes(audio.bytes)}`;
}

function formatQueues(status: Status): string {
  const headings = ['waiting', 'active', 'delayed', 'failed', 'completed', 'oldest waits'];
  return formatTextTable(
    [{ heading: 'QUEUES' }, ...headings.map((heading) => ({ heading, align: 'right' }) as const)],
    QUEUE_NAMES.map((name) => {
      const { waiting, active, delayed, failed, completed, oldestWaitingSeconds } = status.queues[name];
      return [
        name,
        ...[waiting, active, delayed, failed, completed].map(String),
        oldestWaitingSeconds === null ? '–' : formatDuration(oldestWaitingSeconds),
      ];
    }),
  );
}

function formatPlaylists(playlists: readonly PlaylistStatus[]): string {
  if (playlists.length === 0)
    return 'No playlists yet. Put some into playlist.txt and run `npm run enqueue`.';
  const table = formatTextTable(
    [
      { heading: 'PLAYLISTS' },
      { heading: 'announced', align: 'right' },
      { heading: 'found', align: 'right' },
      { heading: 'complete' },
      { heading: 'id' },
    ],
    playlists.map((playlist) => [
      plainText(playlist.title ?? playlist.url, TITLE_LENGTH),
      numberOr(playlist.announced, '?'),
      numberOr(playlist.found, '–'),
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
export function completeness(playlist: PlaylistStatus): string {
  if (!playlist.enabled) return 'disabled';
  if (playlist.error !== null) return 'failed';
  if (playlist.complete === null) return 'not listed yet';
  return playlist.complete ? 'yes' : 'no, incomplete';
}

function formatFailures(status: Status): string {
  if (status.failures.length === 0) return '';
  const table = formatTextTable(
    [{ heading: 'FAILED' }, { heading: 'videos', align: 'right' }, { heading: 'what to do' }],
    status.failures.map((failure) => [failure.class, String(failure.count), failure.advice]),
  );
  const latest = status.recentFailures.map(
    (video) => `  ${troubled(video)}: ${plainText(video.message, MESSAGE_LENGTH)}`,
  );
  return `${table}\nThe latest:\n${latest.join('\n')}`;
}

function formatNextRetries(status: Status): string {
  if (status.nextRetries.length === 0) return '';
  return formatTextTable(
    [{ heading: 'NEXT RETRIES' }, { heading: 'in' }, { heading: 'stage' }, { heading: 'because' }],
    status.nextRetries.map((video) => [
      troubled(video),
      video.nextRetryAt === null ? '?' : untilText(video.nextRetryAt, status.at),
      video.stage,
      video.class,
    ]),
  );
}

function troubled(video: FailingVideo): string {
  return video.title === null ? video.id : `${video.id} (${plainText(video.title, TITLE_LENGTH)})`;
}

function untilText(moment: Date, now: Date): string {
  const seconds = (moment.getTime() - now.getTime()) / 1000;
  return seconds <= 0 ? 'now' : formatDuration(seconds);
}

function numberOr(value: number | null, otherwise: string): string {
  return value === null ? otherwise : String(value);
}
