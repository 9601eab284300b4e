import { VIDEO_STATUSES } from '../../domain/video-status.ts';
import { html, type Html } from '../../text/html.ts';
import { markedCommands } from '../../text/marked-commands.ts';
import { renderMoment } from '../../text/render-moment.ts';
import { moduleTag, stylesheetTag } from '../asset-tags.ts';
import { renderFirstRun } from './first-run.ts';
import type { OverviewNotice } from './overview-actions.ts';
import { renderEgress, renderQueues, renderStores } from './state-tables.ts';
import { renderThroughput } from './throughput-part.ts';
import { renderTrouble } from './trouble.ts';
import { renderFailures, renderPlaylists, renderRetries } from './video-tables.ts';
import type { View } from './view.ts';

/** Without the events, such as behind a proxy that holds them back, the page is read anew after this time. */
const REFRESH_SECONDS = 30;

export interface OverviewPage extends View {
  /** What came of the last action. */
  readonly notice: OverviewNotice | undefined;
  /** Why what is shown could not be read now; undefined while it is of now. */
  readonly away: string | undefined;
}

/** The overview: trouble first, then how far everything is and how fast it goes. It reads itself anew without a reload. */
export function renderOverview(page: OverviewPage): Html {
  const { overview, messages, notice, away } = page;
  const { status } = overview;
  const { overview: texts } = messages;
  const isEmpty = status.videos.total === 0 && status.playlists.length === 0;
  // What came of an action stays until another page is opened: its own change is the next thing that the page reads.
  return html`${stylesheetTag('overview.css')}
    <noscript><meta http-equiv="refresh" content="${REFRESH_SECONDS}" /></noscript>
    <div
      id="overview"
      data-events="/events"
      hx-get="${notice === undefined ? '/' : `/?done=${notice}`}"
      hx-trigger="live from:body, every ${REFRESH_SECONDS}s"
      hx-select="#overview"
      hx-swap="outerMorph"
    >
      <main>
        <h1>${texts.title(status.videos.total)}</h1>
        ${
          away === undefined
            ? undefined
            : html`<p class="away" role="status">${texts.away(away)} ${renderMoment(status.at, messages)}</p>`
        }
        ${notice === undefined ? undefined : html`<p class="notice" role="status">${markedCommands(texts.notices[notice])}</p>`}
        ${isEmpty ? renderFirstRun(page) : undefined} ${renderTrouble(page)}
        ${isEmpty ? undefined : html`${renderFigures(page)} ${renderThroughput(page)}`} ${renderQueues(page)}
        ${renderStores(page)} ${renderEgress(page)} ${renderPlaylists(page)} ${renderFailures(page)}
        ${renderRetries(page)}
      </main>
      <footer>${texts.asOf} ${renderMoment(status.at, messages)}</footer>
    </div>
    ${moduleTag('live.js')}`;
}

function renderFigures({ overview: { status }, messages }: View): Html {
  const { videos, audio, countedAt } = status;
  const { figures: texts } = messages.overview;
  const figure = (name: string, value: string | Html, isBad = false) =>
    html`<div class="${isBad ? 'bad' : ''}">
      <dt>${name}</dt>
      <dd>${value}</dd>
    </div>`;
  return html`<dl class="figures">
      ${VIDEO_STATUSES.map((name) =>
        figure(
          messages.videos.statuses[name],
          html`<a href="/videos?status=${name}">${messages.format.number(videos[name])}</a>`,
          name === 'failed' && videos[name] > 0,
        ),
      )}
      ${figure(texts.audioStored, texts.hours(audio.hours))}
      ${figure(texts.sizeStored, messages.format.bytes(audio.bytes))}
    </dl>
    ${
      countedAt === null
        ? undefined
        : html`<p><small>${messages.videos.countedAt} ${renderMoment(countedAt, messages)}</small></p>`
    }`;
}
