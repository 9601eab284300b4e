import { DIRECTIONS, VIDEO_SORTS } from '../../database/video-order.ts';
import { ERROR_CLASS_NAMES } from '../../domain/error-classes.ts';
import { VIDEO_STATUSES } from '../../domain/video-status.ts';
import {
  FILTER_NAMES,
  queryStringOf,
  type FilterName,
  type VideoQuery,
} from '../../operations/video-query.ts';
import { html, type Html } from '../../text/html.ts';
import type { Messages } from '../../text/messages/en.ts';
import { plainText } from '../../text/plain-text.ts';

const MAX_SHOWN_LENGTH = 80;
/** The first one is that of an address without a sort. */
const OTHER_SORTS = VIDEO_SORTS.filter((sort) => sort !== 'changed');

export interface PlaylistChoice {
  readonly id: string;
  readonly title: string;
}

/** The form that filters and sorts the list. With script it changes the list only, so that the focus stays where it is. */
export function renderFilters(
  query: VideoQuery,
  playlists: readonly PlaylistChoice[],
  { videos }: Messages,
): Html {
  const { filters, sorts, orders, statuses } = videos;
  const options = <Value extends string>(
    values: readonly Value[],
    chosen: string | undefined,
    labelOf: (value: Value) => string,
  ) =>
    values.map((value) =>
      value === chosen
        ? html`<option value="${value}" selected>${labelOf(value)}</option>`
        : html`<option value="${value}">${labelOf(value)}</option>`,
    );
  const select = (name: keyof VideoQuery, label: string, none: string, choices: readonly Html[]) =>
    html`<label
      >${label}
      <select name="${name}">
        <option value="">${none}</option>
        ${choices}
      </select></label
    >`;
  const input = (name: FilterName, label: string, type = 'text') =>
    html`<label
      >${label} <input type="${type}" name="${name}" value="${query[name] ?? ''}" maxlength="200"
    /></label>`;
  const titles = new Map(playlists.map(({ id, title }) => [id, title]));
  return html`<form
    class="filters"
    role="search"
    aria-label="${filters.label}"
    method="get"
    action="/videos"
    hx-get="/videos"
    hx-trigger="submit, change"
    hx-target="#video-list"
    hx-select="#video-list"
    hx-swap="outerMorph"
    hx-sync="this:replace"
  >
    ${input('text', filters.text, 'search')}
    ${select(
      'status',
      filters.status,
      filters.all,
      options(VIDEO_STATUSES, query.status, (status) => statuses[status]),
    )}
    ${select(
      'playlist',
      filters.playlist,
      filters.all,
      options([...titles.keys()], query.playlist, (id) => plainText(titles.get(id) ?? id, MAX_SHOWN_LENGTH)),
    )}
    ${select('class', filters.class, filters.all, options(ERROR_CLASS_NAMES, query.class, String))}
    ${input('language', filters.language)} ${input('channel', filters.channel)}
    ${select(
      'sort',
      sorts.label,
      sorts.changed,
      options(OTHER_SORTS, query.sort, (sort) => sorts[sort]),
    )}
    ${select(
      'order',
      orders.label,
      orders.usual,
      options(DIRECTIONS, query.order, (direction) => orders[direction]),
    )}
    <button>${filters.submit}</button>
  </form>`;
}

/** The active filters, each with a link to the list without it. */
export function renderChips(
  query: VideoQuery,
  playlists: readonly PlaylistChoice[],
  messages: Messages,
): Html | undefined {
  const { filters } = messages.videos;
  const active = describeFilters(query, playlists, messages);
  if (active.length === 0) return undefined;
  return html`<ul class="chips" aria-label="${filters.active}">
    ${active.map(
      ({ name, text }) =>
        html`<li>
          <a
            href="/videos${queryStringOf({ ...query, [name]: undefined })}"
            aria-label="${filters.remove(text)}"
            >${text} <span aria-hidden="true">×</span></a
          >
        </li>`,
    )}
    <li><a class="clear" href="/videos">${filters.clear}</a></li>
  </ul>`;
}

/** The filters of a query in words: `Status: failed`. */
export function describeFilters(
  query: VideoQuery,
  playlists: readonly PlaylistChoice[],
  { videos }: Messages,
): readonly { readonly name: FilterName; readonly text: string }[] {
  return FILTER_NAMES.flatMap((name) => {
    const value = query[name];
    if (value === undefined) return [];
    const shown =
      name === 'status' && query.status !== undefined
        ? videos.statuses[query.status]
        : name === 'playlist'
          ? (playlists.find(({ id }) => id === value)?.title ?? value)
          : value;
    return [{ name, text: videos.filters.chip(videos.filters[name], plainText(shown, MAX_SHOWN_LENGTH)) }];
  });
}
