import type { VideoCount, VideoList } from '../../operations/list-videos.ts';
import { isFiltered, queryStringOf, type VideoQuery } from '../../operations/video-query.ts';
import type { VideoRow } from '../../operations/video-row.ts';
import { html, type Html } from '../../text/html.ts';
import type { Messages } from '../../text/messages/en.ts';
import { plainText } from '../../text/plain-text.ts';
import { renderMoment } from '../../text/render-moment.ts';
import { numbers, renderTable } from '../../text/tables.ts';
import { formatClock } from '../../text/units.ts';
import { moduleTag } from '../asset-tags.ts';
import { actionsFor } from './video-actions.ts';
import { renderChips, renderFilters, type PlaylistChoice } from './video-filters.ts';

const MAX_TITLE_LENGTH = 120;
const MAX_REASON_LENGTH = 60;

export interface VideoListPage {
  readonly query: VideoQuery;
  /** The cursor at which this page begins. */
  readonly place: Readonly<Record<string, string | undefined>>;
  readonly list: VideoList;
  readonly count: VideoCount;
  readonly playlists: readonly PlaylistChoice[];
  readonly canChange: boolean;
  readonly hasMirror: boolean;
  /** What came of the last action. */
  readonly notice: Html | undefined;
  readonly messages: Messages;
}

/** The list of videos, with its filters and what can be done with many of them. */
export function renderVideoList(page: VideoListPage): Html {
  const { query, playlists, notice, messages } = page;
  return html`<main>
    <h1>${messages.videos.title}</h1>
    ${notice} ${renderFilters(query, playlists, messages)} ${renderList(page)} ${moduleTag('video-list.js')}
  </main>`;
}

/** What a filter or another page of the list replaces. The script puts its address into the bar of the browser. */
function renderList(page: VideoListPage): Html {
  const { query, place, list, count, playlists, messages } = page;
  const { videos: texts } = messages;
  return html`<section
    id="video-list"
    aria-labelledby="video-count"
    data-address="/videos${queryStringOf(query, place)}"
  >
    <h2 id="video-count" role="status">${texts.count(count.count, count.isExact)}</h2>
    ${
      count.countedAt === null
        ? undefined
        : html`<p><small>${texts.countedAt} ${renderMoment(count.countedAt, messages)}</small></p>`
    }
    ${renderChips(query, playlists, messages)}
    ${list.videos.length === 0 ? renderEmpty(page) : html`${renderRows(page)} ${renderPages(query, list, texts)}`}
    ${count.count === 0 ? undefined : renderExports(query, texts)}
  </section>`;
}

function renderEmpty({ query, list, messages }: VideoListPage): Html {
  const { empty, filters, pages } = messages.videos;
  if (list.next !== null || list.previous !== null || !isFiltered(query)) {
    const hasPlace = list.next !== null || list.previous !== null;
    if (hasPlace)
      return html`<p>${empty.pastTheEnd} <a href="/videos${queryStringOf(query)}">${pages.first}</a></p>`;
    return html`<p>${empty.none}</p>
      <p>${empty.add} <a href="/playlists">${empty.playlists}</a></p>`;
  }
  return html`<p>${empty.noMatch} ${empty.remove} <a href="/videos">${filters.clear}</a></p>`;
}

type Texts = Messages['videos'];

function renderPages(query: VideoQuery, list: VideoList, { pages }: Texts): Html | undefined {
  const link = (id: string, text: string, place: Readonly<Record<string, string>>) => {
    const address = `/videos${queryStringOf(query, place)}`;
    return html`<a
      id="${id}-page"
      ${id === 'first' ? undefined : html`rel="${id === 'next' ? 'next' : 'prev'}"`}
      href="${address}"
      hx-get="${address}"
      hx-target="#video-list"
      hx-select="#video-list"
      hx-swap="outerMorph"
      >${text}</a
    > `;
  };
  const { previous, next } = list;
  if (previous === null && next === null) return undefined;
  return html`<nav class="pages" aria-label="${pages.label}">
    ${
      previous === null
        ? undefined
        : html`${link('first', pages.first, {})} ${link('previous', pages.previous, { before: previous })}`
    }
    ${next === null ? undefined : link('next', pages.next, { after: next })}
  </nav>`;
}

function renderExports(query: VideoQuery, { exports: texts }: Texts): Html {
  const link = (format: string, text: string) =>
    html`<a href="/videos/export.${format}${queryStringOf(query)}" download>${text}</a>`;
  return html`<p class="exports">
    ${texts.label} ${link('csv', texts.csv)} ${link('jsonl', texts.jsonLines)}
  </p>`;
}

function renderRows({ query, list, count, canChange, hasMirror, messages }: VideoListPage): Html {
  const { videos: texts } = messages;
  const { columns, bulk } = texts;
  const headings = [
    ...(canChange ? [columns.select] : []),
    ...[columns.video, columns.status, columns.reason],
    ...numbers(columns.length, columns.size),
    ...[columns.published, columns.changed],
  ];
  const rows = list.videos.map((video) => renderRow(video, query, canChange, messages));
  const table = renderTable(texts.title, headings, rows);
  if (!canChange) return table;
  return html`<form id="video-form" method="post" action="/videos${queryStringOf(query)}">
    <label class="select-all" hidden><input type="checkbox" data-select-all /> ${texts.selectAll}</label>
    ${table}
    <fieldset class="bulk">
      <legend>${bulk.legend}</legend>
      <label><input type="radio" name="scope" value="selected" checked /> ${bulk.selected}</label>
      <label
        ><input type="radio" name="scope" value="matching" />
        ${bulk.matching(texts.count(count.count, count.isExact))}</label
      >
      <div class="actions">
        ${actionsFor(query.status, hasMirror).map(
          (name) => html`<button name="action" value="${name}">${texts.actions[name]}</button> `,
        )}
      </div>
    </fieldset>
  </form>`;
}

/** The ids of rows are unique, so that no selection moves to another video when the list is replaced. */
function renderRow(video: VideoRow, query: VideoQuery, canChange: boolean, messages: Messages): Html {
  const { id, status, author, channel, durationSeconds, sizeBytes, publishedAt } = video;
  const { videos: texts, format } = messages;
  const title = plainText(video.title ?? id, MAX_TITLE_LENGTH);
  const name = author === null ? id : plainText(author, MAX_REASON_LENGTH);
  return html`<tr id="row-${id}">
    ${
      canChange
        ? html`<td>
            <input
              type="checkbox"
              id="select-${id}"
              name="id"
              value="${id}"
              aria-label="${texts.select(title)}"
              autocomplete="off"
            />
          </td>`
        : undefined
    }
    <td class="text">
      <a href="/videos/${id}">${title}</a>
      <small
        >${
          channel === null ? name : html`<a href="/videos${queryStringOf({ ...query, channel })}">${name}</a>`
        }</small
      >
    </td>
    <td class="${status === 'failed' ? 'bad' : status === 'retrying' ? 'warn' : ''}">
      ${texts.statuses[status]}
    </td>
    <td>${renderReason(video, query, texts)}</td>
    <td class="number">${durationSeconds === null ? '–' : formatClock(durationSeconds)}</td>
    <td class="number">${sizeBytes === null ? '–' : format.bytes(sizeBytes)}</td>
    <td>${publishedAt === null ? '–' : format.day(publishedAt.toISOString().slice(0, 10))}</td>
    <td>${renderMoment(video.updatedAt, messages)}</td>
  </tr>`;
}

/** Of a failed or waiting video its error class, which filters by it. */
function renderReason(
  { skipReason, errorClass }: VideoRow,
  query: VideoQuery,
  texts: Texts,
): Html | undefined {
  if (skipReason !== null) return html`${texts.skipReasons[skipReason]}`;
  if (errorClass === null) return undefined;
  return html`<a href="/videos${queryStringOf({ ...query, class: errorClass })}">${errorClass}</a>`;
}
