import type { PlaylistDetails } from '../../operations/list-playlists.ts';
import { plainText } from '../../text/plain-text.ts';
import { formatBytes, formatDuration, formatMoment } from '../../text/units.ts';

const TITLE_LENGTH = 200;
const TEXT_LENGTH = 300;

/** All that is known of a playlist, for a terminal. */
export function formatPlaylistDetails(playlist: PlaylistDetails): string {
  const { id, title, url, state, announced, found, missing, figures, error, nested } = playlist;
  const of = announced === null ? '' : ` of ${String(announced)} announced`;
  const settings = Object.entries(playlist.settings).flatMap(([name, value]) =>
    value === null || (Array.isArray(value) && value.length === 0) ? [] : [`${name} ${settingText(value)}`],
  );
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['id', id],
    ['address', plainText(url, TEXT_LENGTH)],
    [
      'reading',
      `${state}${error === null ? '' : `: ${plainText(error.message, TEXT_LENGTH)} ${error.advice}`}`,
    ],
    ['last read', playlist.lastReadAt === null ? 'never' : formatMoment(playlist.lastReadAt)],
    ['next reading', playlist.nextReadAt === null ? undefined : formatMoment(playlist.nextReadAt)],
    [
      'found',
      found === null ? undefined : `${String(found)}${of}${missing ? `, ${String(missing)} missing` : ''}`,
    ],
    [
      'videos',
      figures === null
        ? undefined
        : `${String(figures.stored)} stored, ${String(figures.waiting)} on their way, ${String(figures.failed)} failed, ${String(figures.skipped)} skipped`,
    ],
    [
      'audio',
      figures === null ? undefined : `${formatDuration(figures.seconds)}, ${formatBytes(figures.bytes)}`,
    ],
    ['contains', nested.length === 0 ? undefined : `${String(nested.length)} playlists`],
    ['found in', playlist.listedBy ?? undefined],
    ['settings', settings.length === 0 ? undefined : settings.join('; ')],
  ];
  const lines = rows.flatMap(([name, value]) =>
    value === undefined ? [] : [`  ${name.padEnd(13)} ${value}`],
  );
  return [plainText(title ?? id, TITLE_LENGTH), ...lines].join('\n');
}

function settingText(value: unknown): string {
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  return plainText(Array.isArray(value) ? value.join(', ') : String(value), TEXT_LENGTH);
}
