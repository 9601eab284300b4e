import type { PlaylistDocument } from '../../database/collections/playlist.ts';
import { VIDEO_STATUSES, type VideoStatus } from '../../domain/video-status.ts';
import { describePlaylist } from '../../reports/status.ts';
import { completeness } from '../../reports/status-text.ts';
import { html, type Html } from '../../text/html.ts';
import { markedCommands } from '../../text/marked-commands.ts';
import { plainText } from '../../text/plain-text.ts';
import { numbers, renderTable } from '../../text/tables.ts';
import { formatMoment, formatNumber } from '../../text/units.ts';
import { PLAYLIST_ACTION_LABELS, type AddedLines, type PlaylistActionName } from './playlist-actions.ts';

const MAX_TITLE_LENGTH = 120;
const MAX_MESSAGE_LENGTH = 500;

interface PlaylistsPage {
  readonly playlists: readonly PlaylistDocument[];
  readonly canChange: boolean;
  /** What came of the form. */
  readonly added?: AddedLines;
}

/** All playlists, those with an error first, and the form that adds some. */
export function renderPlaylists({ playlists, canChange, added }: PlaylistsPage): Html {
  const sorted = playlists.toSorted((one, other) => rank(one) - rank(other));
  return html`<main>
    <h1>${formatNumber(playlists.length)} ${playlists.length === 1 ? 'playlist' : 'playlists'}</h1>
    ${added === undefined ? undefined : renderAdded(added)} ${canChange ? renderForm() : undefined}
    ${
      playlists.length === 0
        ? html`<p>
            There are no playlists yet. Add the address of a playlist or a channel: a worker reads it at once,
            and each new video in it is downloaded, stored and mirrored.
          </p>`
        : renderTable(
            'Playlists',
            ['playlist', 'complete', ...numbers('announced', 'found'), 'last reading', 'next reading'],
            sorted.map(renderRow),
          )
    }
  </main>`;
}

/** Errors first, then incomplete ones, then the rest by title as they come. */
function rank(playlist: PlaylistDocument): number {
  if (playlist.error) return 0;
  return playlist.complete === false ? 1 : 2;
}

function renderAdded({ added, known, problems }: AddedLines): Html {
  const said = [
    added > 0 ? `${formatNumber(added)} added; a worker reads them now.` : undefined,
    known > 0 ? `${formatNumber(known)} known already; read again now.` : undefined,
    added + known + problems.length === 0 ? 'There was no line to add.' : undefined,
  ].filter((part) => part !== undefined);
  return html`<div class="notice" role="status">
    <p>${said.join(' ')}</p>
    ${
      problems.length === 0
        ? undefined
        : html`<ul>
            ${problems.map(
              ({ line, text, reason }) =>
                html`<li class="bad">
                  Line ${line}: ${plainText(text, MAX_TITLE_LENGTH)} ${plainText(reason, MAX_MESSAGE_LENGTH)}.
                </li>`,
            )}
          </ul>`
    }
  </div>`;
}

function renderForm(): Html {
  return html`<form class="add" method="post" action="/playlists">
    <label
      >Add playlists, channels or tabs of channels, one a line, as in playlist.txt
      <textarea name="lines" rows="3" required></textarea>
    </label>
    <button>Add</button>
  </form>`;
}

function renderRow(playlist: PlaylistDocument): Html {
  const { _id: id, title, error, last_expanded_at: last, next_expand_at: next, enabled } = playlist;
  const status = describePlaylist(playlist);
  const isIncomplete = Boolean(error) || playlist.complete === false;
  return html`<tr>
    <td class="text">
      <a href="/playlists/${encodeURIComponent(id)}">${plainText(title ?? id, MAX_TITLE_LENGTH)}</a>
      ${error ? html`<small>${plainText(error.message, MAX_MESSAGE_LENGTH)} ${markedCommands(error.advice)}</small>` : undefined}
    </td>
    <td class="${isIncomplete ? 'warn' : ''}">${completeness(status)}</td>
    <td class="number">${status.announced ?? '?'}</td>
    <td class="number">${status.found ?? '–'}</td>
    <td>${formatMoment(last ?? null)}</td>
    <td>${enabled ? formatMoment(next ?? null) : '–'}</td>
  </tr>`;
}

interface OnePlaylistPage {
  readonly playlist: PlaylistDocument;
  readonly counts: ReadonlyMap<VideoStatus, number>;
  readonly canChange: boolean;
  /** What came of the last action. */
  readonly notice: string | undefined;
}

/** One playlist: its completeness, its videos by status, what can be done. */
export function renderPlaylist({ playlist, counts, canChange, notice }: OnePlaylistPage): Html {
  const { _id: id, title, url, error } = playlist;
  const status = describePlaylist(playlist);
  const figure = (name: string, value: string | number, query?: string) =>
    html`<div>
      <dt>${name}</dt>
      <dd>
        ${query === undefined ? value : html`<a href="/videos?playlist=${encodeURIComponent(id)}${query}">${value}</a>`}
      </dd>
    </div>`;
  return html`<main>
    <h1>${plainText(title ?? id, MAX_TITLE_LENGTH)}</h1>
    ${notice === undefined ? undefined : html`<p class="notice" role="status">${notice}.</p>`}
    ${
      error
        ? html`<div class="trouble">
            <p class="bad">${plainText(error.message, MAX_MESSAGE_LENGTH)}</p>
            <p>${markedCommands(error.advice)}</p>
          </div>`
        : undefined
    }
    <dl class="figures">
      ${figure('complete', completeness(status))} ${figure('announced', status.announced ?? '?')}
      ${figure('found', status.found ?? '–', '')}
      ${VIDEO_STATUSES.map((name) => figure(name, formatNumber(counts.get(name) ?? 0), `&status=${name}`))}
    </dl>
    <dl class="facts">
      <dt>id</dt>
      <dd>${id}</dd>
      <dt>address</dt>
      <dd>${/^https?:\/\//i.test(url) ? html`<a href="${url}" rel="noreferrer">${url}</a>` : url}</dd>
      <dt>last reading</dt>
      <dd>${formatMoment(playlist.last_expanded_at ?? null)}</dd>
      <dt>next reading</dt>
      <dd>
        ${playlist.enabled ? formatMoment(playlist.next_expand_at ?? null) : 'none: it is paused or forgotten'}
      </dd>
    </dl>
    ${canChange ? renderActions(playlist) : undefined}
  </main>`;
}

function renderActions({ _id: id, enabled, forgotten_at: forgotten }: PlaylistDocument): Html {
  const names: readonly PlaylistActionName[] = forgotten
    ? []
    : enabled
      ? ['read', 'pause', 'forget']
      : ['resume', 'forget'];
  return html`<form class="actions" method="post" action="/playlists/${encodeURIComponent(id)}">
    ${names.map(
      (name) => html`<button name="action" value="${name}">${PLAYLIST_ACTION_LABELS[name]}</button> `,
    )}
  </form>`;
}
