import type { VideoAudio } from '../database/collections/video.ts';
import { plainText } from '../text/plain-text.ts';
import { formatTextTable } from '../text/tables.ts';
import { formatBytes, formatDuration } from '../text/units.ts';
import type { VideoDetails, VideoRow } from './find-videos.ts';
import { shownAddress } from '../domain/shown-address.ts';

const TITLE_LENGTH = 50;
const MESSAGE_LENGTH = 100;

/** A list of videos as text for a terminal. */
export function formatVideoRows(rows: readonly VideoRow[], limit: number): string {
  if (rows.length === 0) return 'No such videos.';
  const table = formatTextTable(
    ['VIDEOS', 'status', 'reason', 'title'],
    rows.map(({ id, status, reason, title }) => [
      id,
      status,
      reason ?? '',
      plainText(title ?? '–', TITLE_LENGTH),
    ]),
  );
  return rows.length < limit ? table : `${table}\nThere may be more: add --limit.`;
}

/** All that is known of a video as text for a terminal. */
export function formatVideoDetails({ video, playlists, attempts, decisions }: VideoDetails): string {
  const { audio, mirror, error, deletion } = video;
  const fields: [string, string | undefined][] = [
    ['title', video.title ?? undefined],
    ['author', video.author ?? undefined],
    ['address', shownAddress(video.url)],
    ['status', video.skip_reason ? `${video.status} (${video.skip_reason})` : video.status],
    ['error', error ? `${error.class}: ${error.message} ${error.advice}` : undefined],
    ['next retry', video.next_retry_at?.toISOString()],
    [
      'audio',
      audio?.key === undefined
        ? undefined
        : `${audio.bucket ?? ''}/${audio.key}, ${formatBytes(audio.size)}, ${formatDuration(audio.duration ?? 0)}`,
    ],
    ['track', audio === undefined || audio === null ? undefined : describeTrack(audio)],
    ['mirror', mirror ? `${mirror.container}/${mirror.name}` : undefined],
    [
      'deleted',
      deletion
        ? `${deletion.at.toISOString()}${deletion.everywhere ? ', everywhere' : ''}${deletion.finished_at ? '' : ', not finished yet'}`
        : undefined,
    ],
    ['playlists', playlists.length > 0 ? playlists.join(', ') : undefined],
  ];
  const lines = fields.flatMap(([name, value]) =>
    value ? [`  ${name.padEnd(10)}  ${plainText(value, 4 * MESSAGE_LENGTH)}`] : [],
  );
  const history = [
    ...attempts.map((attempt) => ({
      at: attempt.timestamp,
      text: `${attempt.stage}, round ${String(attempt.round)}: ${attempt.error ?? attempt.status}`,
    })),
    ...decisions.map(({ at, user, operation }) => ({ at, text: `${operation} by ${user ?? 'somebody'}` })),
  ].sort((left, right) => right.at.getTime() - left.at.getTime());
  const rows = history.map(({ at, text }) => `    ${at.toISOString()}  ${plainText(text, MESSAGE_LENGTH)}`);
  return [video._id, ...lines, ...(rows.length > 0 ? ['  history', ...rows] : [])].join('\n');
}

/** `en, original, mp4a.40.2 of yt-dlp`: what was chosen at the source, as far as it says so. */
export function describeTrack({
  language,
  track_kind,
  source_format,
  source,
}: VideoAudio): string | undefined {
  const parts = [language, track_kind, source_format].filter((part) => part !== undefined);
  const from = source === undefined ? '' : ` of ${source}`;
  return parts.length === 0 ? undefined : `${parts.join(', ')}${from}`;
}
