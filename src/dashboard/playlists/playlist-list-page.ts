import type { AddedLine } from '../../operations/add-lines.ts';
import {
  PLAYLIST_STATES,
  type PlaylistListInput,
  type PlaylistSummary,
} from '../../operations/list-playlists.ts';
import { html, type Html } from '../../text/html.ts';
import { markedCommands } from '../../text/marked-commands.ts';
import type { Messages } from '../../text/messages/en.ts';
import { plainText } from '../../text/plain-text.ts';
import { renderMoment } from '../../text/render-moment.ts';
import { numbers, renderTable } from '../../text/tables.ts';
import { renderAdded } from './added-lines-view.ts';

const MAX_TITLE_LENGTH = 120;
const MAX_MESSAGE_LENGTH = 300;
/** While figures are missing the list is asked for again soon. */
const COUNTING_SECONDS = 3;
const REFRESH_SECONDS = 30;

export interface PlaylistsPage {
  readonly query: Partial<Pick<PlaylistListInput, 'text' | 'state' | 'cursor'>>;
  readonly playlists: readonly PlaylistSummary[];
  readonly matching: number;
  readonly total: number;
  readonly next: string | null;
  readonly canChange: boolean;
  /** What came of the form. */
  readonly added?: readonly AddedLine[];
}

/** All playlists, the worst first, and the form that adds some. */
export function renderPlaylists(page: PlaylistsPage, messages: Messages): Html {
  const { playlists: texts, feeds } = messages;
  const { added, canChange, total } = page;
  return html`<main>
    <h1>${texts.title}</h1>
    ${added === undefined ? undefined : renderAdded(added, messages)}
    ${canChange ? renderAddForm(total === 0, messages) : undefined}
    ${total === 0 ? undefined : renderFilters(page, messages)} ${renderList(page, messages)}
    <p><a href="/feeds">${feeds.title}</a></p>
  </main>`;
}

function renderAddForm(isOpen: boolean, { playlists: { add: texts } }: Messages): Html {
  const form = html`<form class="add" method="post" action="/playlists">
    <label>${texts.label} <textarea name="lines" rows="4" required spellcheck="false"></textarea></label>
    <button>${texts.submit}</button>
  </form>`;
  return isOpen
    ? html`<section aria-labelledby="add">
        <h2 id="add">${texts.title}</h2>
        ${form}
      </section>`
    : html`<details>
        <summary>${texts.title}</summary>
        ${form}
      </details>`;
}

function renderFilters({ query }: PlaylistsPage, { playlists: { filters, states } }: Messages): Html {
  return html`<form class="filters" method="get" action="/playlists" aria-label="${filters.label}">
    <label
      >${filters.text} <input type="search" name="text" value="${query.text ?? ''}" maxlength="200"
    /></label>
    <label
      >${filters.state}
      <select name="state">
        <option value="">${filters.all}</option>
        ${PLAYLIST_STATES.filter((state) => state !== 'forgotten').map(
          (state) =>
            html`<option value="${state}" ${state === query.state ? html`selected` : undefined}>
              ${states[state]}
            </option>`,
        )}
      </select>
    </label>
    <button class="quiet">${filters.submit}</button>
  </form>`;
}

/** What a refresh replaces. */
function renderList(page: PlaylistsPage, messages: Messages): Html {
  const { query, playlists, matching, total, next } = page;
  const { playlists: texts } = messages;
  const isCounting = playlists.some(({ figures }) => figures === null);
  const address = addressOf(query, query.cursor);
  const refresh = html`hx-get="${address}" hx-trigger="every
  ${isCounting ? COUNTING_SECONDS : REFRESH_SECONDS}s" hx-select="#playlists" hx-target="#playlists"
  hx-swap="outerMorph"`;
  const { columns } = texts;
  return html`<section id="playlists" aria-labelledby="playlist-count" ${refresh}>
    <h2 id="playlist-count">${matching === total ? texts.count(total) : texts.matching(matching, total)}</h2>
    ${
      playlists.length === 0
        ? renderEmpty(total === 0, messages)
        : renderTable(
            texts.title,
            [
              ...[columns.playlist, columns.state],
              ...numbers(columns.found, columns.stored, columns.waiting, columns.failed, columns.skipped),
              ...numbers(columns.missing, columns.hours),
              columns.nextRead,
            ],
            playlists.map((playlist) => renderRow(playlist, messages)),
          )
    }
    ${
      next === null && query.cursor === undefined
        ? undefined
        : html`<nav class="pages" aria-label="${texts.pages.label}">
            ${query.cursor === undefined ? undefined : html`<a href="${addressOf(query, undefined)}">${texts.pages.first}</a> `}
            ${next === null ? undefined : html`<a rel="next" href="${addressOf(query, next)}">${texts.pages.next}</a>`}
          </nav>`
    }
  </section>`;
}

function renderEmpty(hasNone: boolean, { playlists: { empty } }: Messages): Html {
  return hasNone
    ? html`<div class="empty">
        <p>${empty.none}</p>
        <p>${empty.next}</p>
      </div>`
    : html`<p class="empty">${empty.noMatch} <a href="/playlists">${empty.clear}</a></p>`;
}

function renderRow(playlist: PlaylistSummary, messages: Messages): Html {
  const { id, title, state, announced, found, missing, figures, error, lastReadAt, nextReadAt } = playlist;
  const { playlists: texts, format } = messages;
  const path = `/playlists/${encodeURIComponent(id)}`;
  const number = (value: number | null | undefined) =>
    html`<td class="number">${value === null || value === undefined ? '–' : format.number(value)}</td>`;
  const isBad = state === 'failed' || state === 'incomplete';
  return html`<tr>
    <td class="text">
      <a href="${path}">${plainText(title ?? id, MAX_TITLE_LENGTH)}</a>
      ${
        error === null
          ? undefined
          : html`<small class="bad"
              >${plainText(error.message, MAX_MESSAGE_LENGTH)}
              ${markedCommands(messages.advice(error.class))}</small
            >`
      }
    </td>
    <td class="${isBad ? 'warn' : ''}">
      ${texts.states[state]}${lastReadAt === null ? undefined : html`<small>${renderMoment(lastReadAt, messages)}</small>`}
    </td>
    <td class="number">
      ${found === null ? '–' : format.number(found)}
      ${announced === null ? undefined : html`<small>${texts.ofAnnounced(announced)}</small>`}
    </td>
    ${
      figures === null
        ? html`<td class="number"><span class="faint">${texts.notCounted}</span></td>`
        : number(figures.stored)
    }
    ${number(figures?.waiting)}
    ${
      figures !== null && figures.failed > 0
        ? html`<td class="number">
            <a class="bad" href="/videos?playlist=${encodeURIComponent(id)}&status=failed"
              >${format.number(figures.failed)}</a
            >
          </td>`
        : number(figures?.failed)
    }
    ${number(figures?.skipped)} ${number(missing === null ? null : missing + (figures?.unseen ?? 0))}
    <td class="number">
      ${figures === null ? '–' : html`${texts.hours(figures.seconds / 3600)} <small>${format.bytes(figures.bytes)}</small>`}
    </td>
    <td>${renderMoment(nextReadAt, messages)}</td>
  </tr>`;
}

function addressOf({ text, state }: PlaylistsPage['query'], cursor: string | undefined): string {
  const parameters = new URLSearchParams();
  if (text) parameters.set('text', text);
  if (state !== undefined) parameters.set('state', state);
  if (cursor !== undefined) parameters.set('cursor', cursor);
  const query = parameters.toString();
  return query === '' ? '/playlists' : `/playlists?${query}`;
}
