import { ITEM_SELECTIONS, type ItemSelection } from '../../database/playlist-contents.ts';
import { ERROR_CLASSES } from '../../domain/error-classes.ts';
import type { PlaylistItemRow } from '../../operations/list-playlists.ts';
import { html, type Html } from '../../text/html.ts';
import type { Messages } from '../../text/messages/en.ts';
import { plainText } from '../../text/plain-text.ts';
import { renderMoment } from '../../text/render-moment.ts';
import { numbers, renderTable } from '../../text/tables.ts';
import { formatClock } from '../../text/units.ts';

const MAX_TITLE_LENGTH = 120;

export interface ItemsView {
  readonly playlistId: string;
  readonly selection: ItemSelection;
  /** The cursor at which this page begins. */
  readonly cursor?: string | undefined;
  readonly items: readonly PlaylistItemRow[];
  readonly next: string | null;
}

/** The entries of a playlist in its order, each with its status; those removed at the source are marked. */
export function renderItems(view: ItemsView, messages: Messages): Html {
  const { playlistId, selection, cursor, items, next } = view;
  const { items: texts, pages } = messages.playlists;
  const { columns } = texts;
  const addressOf = (wanted: ItemSelection, at?: string) => {
    const parameters = new URLSearchParams({ selection: wanted });
    if (at !== undefined) parameters.set('cursor', at);
    return `/playlists/${encodeURIComponent(playlistId)}?${parameters.toString()}`;
  };
  const link = (address: string, text: string, mark?: Html) =>
    html`<a
      href="${address}#entries"
      ${mark}
      hx-get="${address}"
      hx-target="#entries"
      hx-select="#entries"
      hx-swap="outerMorph"
      >${text}</a
    > `;
  return html`<section id="entries" aria-labelledby="entries-title">
    <h2 id="entries-title">${texts.title}</h2>
    <nav class="actions" aria-label="${texts.selectionsLabel}">
      ${ITEM_SELECTIONS.map((name) =>
        link(
          addressOf(name),
          texts.selections[name],
          name === selection ? html`aria-current="true"` : undefined,
        ),
      )}
      <a href="/videos?playlist=${encodeURIComponent(playlistId)}">${texts.videosByStatus}</a>
    </nav>
    ${
      items.length === 0
        ? html`<p class="empty">${texts.empty[selection]}</p>`
        : renderTable(
            texts.title,
            [
              ...numbers(columns.position),
              ...[columns.video, columns.status],
              ...numbers(columns.length),
              ...[columns.published, columns.seen],
            ],
            items.map((item) => renderItem(item, messages)),
          )
    }
    ${
      cursor === undefined && next === null
        ? undefined
        : html`<nav class="pages" aria-label="${pages.label}">
            ${cursor === undefined ? undefined : link(addressOf(selection), pages.first)}
            ${next === null ? undefined : link(addressOf(selection, next), pages.next, html`rel="next"`)}
          </nav>`
    }
  </section>`;
}

function renderItem(item: PlaylistItemRow, messages: Messages): Html {
  const { id, position, title, status, reason, durationSeconds, publishedAt, lastSeenAt, removedAt } = item;
  const { playlists, videos } = messages;
  const { items: texts } = playlists;
  const path = `/videos/${encodeURIComponent(id)}`;
  return html`<tr>
    <td class="number">${messages.format.number(position)}</td>
    <td class="text">
      <a href="${path}">${plainText(title ?? id, MAX_TITLE_LENGTH)}</a>
      <small>${id}</small>
      ${
        removedAt === null
          ? undefined
          : html`<small class="warn">${texts.removedAt} ${renderMoment(removedAt, messages)}</small>`
      }
    </td>
    <td>
      ${
        status === null
          ? html`<span class="bad">${texts.noRecord}</span>`
          : html`<span class="${status === 'failed' ? 'bad' : ''}">${videos.statuses[status]}</span>`
      }
      ${reason === null ? undefined : html`<small>${reasonText(reason, messages)}</small>`}
    </td>
    <td class="number">${durationSeconds === null ? '–' : formatClock(durationSeconds)}</td>
    <td>${renderMoment(publishedAt, messages)}</td>
    <td>${renderMoment(lastSeenAt, messages)}</td>
  </tr>`;
}

/** Why a video is skipped in plain words; the name of an error class as it is. */
function reasonText(reason: PlaylistItemRow['reason'], { videos }: Messages): string {
  if (reason === null || reason in ERROR_CLASSES) return reason ?? '';
  const texts: Readonly<Record<string, string>> = videos.skipReasons;
  return Object.hasOwn(texts, reason) ? (texts[reason] ?? reason) : reason;
}
