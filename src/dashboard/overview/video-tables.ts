import type { FailingVideo, PlaylistStatus } from '../../reports/status.ts';
import { isErrorClass } from '../../domain/error-classes.ts';
import { html, type Html } from '../../text/html.ts';
import { markedCommands } from '../../text/marked-commands.ts';
import { numbers, renderSection } from '../../text/tables.ts';
import { cut } from './parts.ts';
import type { View } from './view.ts';

/** Of many playlists those with a problem come first; the others are on a page of their own. */
const LISTED_PLAYLISTS = 20;

export function renderPlaylists({ overview: { status }, messages }: View): Html | undefined {
  const { playlists } = status;
  if (playlists.length === 0) return undefined;
  const { playlists: texts, unknown, none } = messages.overview;
  const { number } = messages.format;
  const rows = playlists
    .toSorted((one, other) => rank(one) - rank(other))
    .slice(0, LISTED_PLAYLISTS)
    .map(
      (playlist) =>
        html`<tr>
          <td class="text">
            <a href="/playlists/${encodeURIComponent(playlist.id)}">${cut(playlist.title ?? playlist.id)}</a>
            ${
              playlist.error === null
                ? undefined
                : html`<small
                    >${cut(playlist.error.message)}
                    ${markedCommands(messages.advice(playlist.error.class))}</small
                  >`
            }
          </td>
          <td class="number">${playlist.announced === null ? unknown : number(playlist.announced)}</td>
          <td class="number">${playlist.found === null ? none : number(playlist.found)}</td>
          <td class="${rank(playlist) < 2 ? 'warn' : ''}">${texts[completenessOf(playlist)]}</td>
        </tr>`,
    );
  const headings = [texts.playlist, ...numbers(texts.announced, texts.found), texts.complete];
  return html`${renderSection(texts.title, headings, rows)}
  ${
    playlists.length > LISTED_PLAYLISTS
      ? html`<p><a href="/playlists">${texts.all(playlists.length)}</a></p>`
      : undefined
  }`;
}

function rank({ error, complete }: PlaylistStatus): number {
  if (error !== null) return 0;
  return complete === false ? 1 : 2;
}

function completenessOf({ enabled, error, complete }: PlaylistStatus) {
  if (!enabled) return 'paused';
  if (error !== null) return 'failed';
  if (complete === null) return 'unread';
  return complete ? 'yes' : 'incomplete';
}

/** Failed videos by their reason, and the latest of them. */
export function renderFailures({ overview: { status }, messages }: View): Html | undefined {
  const { failures, recentFailures } = status;
  if (failures.length === 0) return undefined;
  const { failures: texts } = messages.overview;
  const classes = failures.map(
    (failure) =>
      html`<tr>
        <td>
          <a class="bad" href="/videos?class=${encodeURIComponent(failure.class)}">${cut(failure.class)}</a>
        </td>
        <td class="number">${messages.format.number(failure.count)}</td>
        <td class="text">${markedCommands(adviceOf(failure, messages))}</td>
      </tr>`,
  );
  const latest = recentFailures.map(
    (video) =>
      html`<tr>
        ${videoCell(video)}
        <td>${video.stage}</td>
        <td class="text">${cut(video.message)}<small>${markedCommands(adviceOf(video, messages))}</small></td>
      </tr>`,
  );
  return html`${renderSection(texts.title, [texts.reason, ...numbers(texts.videos), texts.advice], classes)}
  ${renderSection(texts.latest, [texts.video, texts.stage, texts.error], latest)}`;
}

/** The record has the advice of the version that failed, in English. */
function adviceOf(
  failure: { readonly class: string; readonly advice: string },
  messages: View['messages'],
): string {
  return isErrorClass(failure.class) && messages.language !== 'en'
    ? messages.advice(failure.class)
    : failure.advice;
}

/** The videos whose next round begins first. */
export function renderRetries({ overview: { status }, messages }: View): Html | undefined {
  const { nextRetries, at } = status;
  if (nextRetries.length === 0) return undefined;
  const { failures: texts, duration } = messages.overview;
  const rows = nextRetries.map((video) => {
    const seconds = video.nextRetryAt === null ? 0 : (video.nextRetryAt.getTime() - at.getTime()) / 1000;
    return html`<tr>
      ${videoCell(video)}
      <td>${video.stage}</td>
      <td>${seconds <= 0 ? texts.now : texts.in(duration(seconds))}</td>
      <td class="text">${cut(video.message)}</td>
    </tr>`;
  });
  return renderSection(texts.retries, [texts.video, texts.stage, texts.when, texts.error], rows);
}

function videoCell(video: FailingVideo): Html {
  return html`<td class="text">
    <a href="/videos/${encodeURIComponent(video.id)}">${cut(video.title ?? video.id)}</a>
    ${video.title === null ? undefined : html`<small>${cut(video.id)}</small>`}
  </td>`;
}
