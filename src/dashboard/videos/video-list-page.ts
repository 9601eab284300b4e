import type { VideoDocument } from '../../database/collections/video.ts';
import type { VideoPage } from '../../database/video-search.ts';
import { ERROR_CLASS_NAMES } from '../../domain/error-classes.ts';
import { VIDEO_STATUSES } from '../../domain/video-status.ts';
import { html, type Html } from '../../text/html.ts';
import { plainText } from '../../text/plain-text.ts';
import { numbers, renderTable } from '../../text/tables.ts';
import { formatDuration, formatMoment, formatNumber } from '../../text/units.ts';
import { actionsFor, VIDEO_ACTIONS } from './video-actions.ts';
import { queryStringOf, type VideoQuery } from './video-query.ts';

const MAX_TITLE_LENGTH = 120;
/** More are not counted: it would take a walk through all of them. */
export const COUNTED_VIDEOS = 10_000;

interface VideoList {
  readonly query: VideoQuery;
  readonly page: VideoPage;
  /** Counted up to one more than `COUNTED_VIDEOS`. */
  readonly count: number;
  readonly playlists: readonly { readonly id: string; readonly title: string }[];
  readonly canChange: boolean;
  readonly hasMirror: boolean;
  /** What came of the last action. */
  readonly notice: string | undefined;
}

/** The list of videos, with its filters and what can be done with those that are selected. */
export function renderVideoList(list: VideoList): Html {
  const { query, page, count, notice } = list;
  const shown = count > COUNTED_VIDEOS ? `${formatNumber(COUNTED_VIDEOS)}+` : formatNumber(count);
  return html`<main>
    <h1>${shown} ${count === 1 ? 'video' : 'videos'}</h1>
    ${notice === undefined ? undefined : html`<p class="notice" role="status">${notice}</p>`}
    ${renderFilters(list)}
    ${page.videos.length === 0 ? html`<p>No video matches these filters.</p>` : renderRows(list)}
    ${
      page.next === undefined
        ? undefined
        : html`<p><a rel="next" href="/videos${queryStringOf(query, page.next)}">Older changes</a></p>`
    }
  </main>`;
}

function renderFilters({ query, playlists }: VideoList): Html {
  const option = (value: string, label: string, chosen: string | undefined) =>
    chosen === value
      ? html`<option value="${value}" selected>${label}</option>`
      : html`<option value="${value}">${label}</option>`;
  const select = (name: string, label: string, options: readonly Html[]) =>
    html`<label
      >${label}
      <select name="${name}">
        <option value="">all</option>
        ${options}
      </select></label
    >`;
  const input = (name: 'text' | 'channel' | 'language', label: string) =>
    html`<label>${label} <input name="${name}" value="${query[name] ?? ''}" /></label>`;
  return html`<form class="filters" method="get" action="/videos">
    ${input('text', 'Title contains')}
    ${select(
      'status',
      'Status',
      VIDEO_STATUSES.map((status) => option(status, status, query.status)),
    )}
    ${select(
      'playlist',
      'Playlist',
      playlists.map(({ id, title }) => option(id, plainText(title, MAX_TITLE_LENGTH), query.playlist)),
    )}
    ${select(
      'class',
      'Reason',
      ERROR_CLASS_NAMES.map((name) => option(name, name, query.class)),
    )}
    ${input('language', 'Language')} ${input('channel', 'Channel id')}
    <button>Filter</button> <a href="/videos">Clear</a>
  </form>`;
}

function renderRows({ query, page, canChange, hasMirror }: VideoList): Html {
  const headings = [
    ...(canChange ? ['select'] : []),
    'video',
    'status',
    'reason',
    ...numbers('length'),
    'changed',
  ];
  const table = renderTable(
    'Videos',
    headings,
    page.videos.map((video) => renderRow(video, canChange)),
  );
  if (!canChange) return table;
  return html`<form method="post" action="/videos${queryStringOf(query)}">
    ${table}
    <p class="actions">
      With the selected:
      ${actionsFor(query.status, hasMirror).map(
        (name) => html`<button name="action" value="${name}">${VIDEO_ACTIONS[name].label}</button> `,
      )}
    </p>
  </form>`;
}

function renderRow(video: VideoDocument, canChange: boolean): Html {
  const { _id: id, status, error } = video;
  const title = plainText(video.title ?? id, MAX_TITLE_LENGTH);
  const seconds = video.audio?.duration ?? video.duration;
  return html`<tr>
    ${
      canChange
        ? html`<td><input type="checkbox" name="id" value="${id}" aria-label="Select ${title}" /></td>`
        : undefined
    }
    <td class="text"><a href="/videos/${id}">${title}</a><small>${id}</small></td>
    <td class="${status === 'failed' ? 'bad' : status === 'retrying' ? 'warn' : ''}">${status}</td>
    <td>${video.skip_reason ?? error?.class ?? ''}</td>
    <td class="number">${seconds === undefined || seconds === null ? '–' : formatDuration(seconds)}</td>
    <td>${formatMoment(video.updated_at)}</td>
  </tr>`;
}
