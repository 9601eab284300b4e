import type { PlaylistDetails, PlaylistState } from '../../operations/list-playlists.ts';
import { html, type Html } from '../../text/html.ts';
import { markedCommands } from '../../text/marked-commands.ts';
import type { Messages } from '../../text/messages/en.ts';
import { plainText } from '../../text/plain-text.ts';
import { renderMoment } from '../../text/render-moment.ts';
import type { PlaylistActionName } from './playlist-actions.ts';

const MAX_TITLE_LENGTH = 120;
const MAX_MESSAGE_LENGTH = 500;
const COUNTING_SECONDS = 3;
const REFRESH_SECONDS = 20;

export interface OnePlaylistPage {
  readonly playlist: PlaylistDetails;
  readonly canChange: boolean;
  /** It is forgotten, and an interruption left some of the videos that were to be deleted. */
  readonly isForgettingUnfinished: boolean;
  /** What came of the last action. */
  readonly notice: keyof Messages['playlists']['notices'] | undefined;
  readonly feed: Html | undefined;
  readonly settings: Html | undefined;
  readonly items: Html;
}

/** One playlist: how complete it is, what became of its videos, its feed and settings, its entries, what can be done. */
export function renderPlaylist(page: OnePlaylistPage, messages: Messages): Html {
  const { playlist, canChange, notice, feed, settings, items } = page;
  const { playlists: texts } = messages;
  const { id, title, error } = playlist;
  return html`<main>
    <p><a href="/playlists">${texts.one.back}</a></p>
    <h1>${plainText(title ?? id, MAX_TITLE_LENGTH)}</h1>
    ${notice === undefined ? undefined : html`<p class="notice" role="status">${texts.notices[notice]}</p>`}
    ${
      error === null
        ? undefined
        : html`<div class="trouble">
            <p class="bad">${plainText(error.message, MAX_MESSAGE_LENGTH)}</p>
            <p>${markedCommands(messages.advice(error.class))}</p>
            <p class="faint">${texts.one.since} ${renderMoment(error.at, messages)}</p>
          </div>`
    }
    ${canChange ? renderActions(page, messages) : undefined} ${renderFigures(playlist, messages)}
    ${renderFacts(playlist, messages)} ${feed} ${settings} ${items}
  </main>`;
}

/** What a refresh replaces. */
function renderFigures(playlist: PlaylistDetails, messages: Messages): Html {
  const { id, announced, found, missing, figures } = playlist;
  const { playlists: texts, format } = messages;
  const { one } = texts;
  const path = `/playlists/${encodeURIComponent(id)}`;
  const videos = `/videos?playlist=${encodeURIComponent(id)}`;
  const figure = (name: string, value: number | null, address?: string) => {
    const shown = value === null ? '–' : format.number(value);
    const content = address === undefined || !value ? shown : html`<a href="${address}">${shown}</a>`;
    return html`<div>
      <dt>${name}</dt>
      <dd>${content}</dd>
    </div>`;
  };
  const text = (name: string, value: string) =>
    html`<div>
      <dt>${name}</dt>
      <dd>${value}</dd>
    </div>`;
  const counted =
    figures === null
      ? html`<p class="faint">${texts.notCounted}</p>`
      : html`<p class="faint">${texts.countedAt} ${renderMoment(figures.at, messages)}</p>`;
  const seconds = figures === null ? COUNTING_SECONDS : REFRESH_SECONDS;
  return html`<section
    id="figures"
    aria-labelledby="figures-title"
    hx-get="${path}"
    hx-trigger="every ${seconds}s"
    hx-select="#figures"
    hx-target="#figures"
    hx-swap="outerMorph"
  >
    <h2 id="figures-title">${one.figures}</h2>
    <dl class="figures">
      ${figure(one.announced, announced)} ${figure(one.found, found, videos)}
      ${
        figures === null
          ? undefined
          : html`${figure(one.stored, figures.stored, videos)}
            ${figure(one.waiting, figures.waiting, `${videos}&status=discovered`)}
            ${figure(one.failed, figures.failed, `${videos}&status=failed`)}
            ${figure(one.skipped, figures.skipped, `${videos}&status=skipped`)}
            ${figure(one.removed, figures.removed, `${path}?selection=removed#entries`)}
            ${figure(one.unseen, figures.unseen, `${path}?selection=unseen#entries`)}`
      }
      ${figure(one.missing, missing)}
      ${
        figures === null
          ? undefined
          : html`${text(one.hours, texts.hours(figures.seconds / 3600))}
            ${text(one.size, format.bytes(figures.bytes))}`
      }
    </dl>
    ${counted}
  </section>`;
}

function renderFacts(playlist: PlaylistDetails, messages: Messages): Html {
  const { id, url, state, lastReadAt, nextReadAt, listedBy, nested } = playlist;
  const { one, states } = messages.playlists;
  return html`<section aria-labelledby="facts">
    <h2 id="facts">${one.facts}</h2>
    <dl class="facts">
      <dt>${one.id}</dt>
      <dd>${id}</dd>
      <dt>${one.address}</dt>
      <dd>${/^https?:\/\//i.test(url) ? html`<a href="${url}" rel="noreferrer">${url}</a>` : url}</dd>
      <dt>${one.state}</dt>
      <dd>${states[state]}</dd>
      <dt>${one.lastRead}</dt>
      <dd>${renderMoment(lastReadAt, messages)}</dd>
      <dt>${one.nextRead}</dt>
      <dd>${isRead(state) ? renderMoment(nextReadAt, messages) : one.noNextRead}</dd>
      ${
        listedBy === null
          ? undefined
          : html`<dt>${one.listedBy}</dt>
              <dd><a href="/playlists/${encodeURIComponent(listedBy)}">${listedBy}</a></dd>`
      }
      ${
        nested.length === 0
          ? undefined
          : html`<dt>${one.nested}</dt>
              <dd>${one.nestedCount(nested.length)}</dd>`
      }
    </dl>
  </section>`;
}

function renderActions(
  { playlist, isForgettingUnfinished }: OnePlaylistPage,
  messages: Messages,
): Html | undefined {
  const { id, state } = playlist;
  const { actions } = messages.playlists;
  const path = `/playlists/${encodeURIComponent(id)}`;
  const forget = html`<a class="button quiet" href="${path}/forget">${actions.forget}</a>`;
  if (state === 'forgotten') return isForgettingUnfinished ? html`<p>${forget}</p>` : undefined;
  const names: readonly PlaylistActionName[] = isRead(state) ? ['read', 'pause'] : ['resume'];
  return html`<form class="actions" method="post" action="${path}" aria-label="${actions.label}">
    ${names.map((name) => html`<button class="quiet" name="action" value="${name}">${actions[name]}</button> `)}
    ${forget} <a class="button quiet" href="#settings">${actions.settings}</a>
  </form>`;
}

function isRead(state: PlaylistState): boolean {
  return state !== 'paused' && state !== 'forgotten';
}
