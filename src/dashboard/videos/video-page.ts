import { html, type Html } from '../../text/html.ts';
import { markedCommands } from '../../text/marked-commands.ts';
import type { Messages } from '../../text/messages/en.ts';
import { plainText } from '../../text/plain-text.ts';
import { renderMoment } from '../../text/render-moment.ts';
import { canBeDeleted } from './deletion-routes.ts';
import type { LoadedVideo } from './load-video.ts';
import { actionsFor } from './video-actions.ts';
import { renderAbout, renderPlaces } from './video-facts.ts';
import { renderFile } from './video-file.ts';
import { renderAttempts, renderDecisions, renderJobs, renderMessage } from './video-history.ts';
import { renderPlayer } from './video-player.ts';

const MAX_TITLE_LENGTH = 200;

interface VideoPageOptions {
  readonly canChange: boolean;
  readonly hasMirror: boolean;
  /** What came of the last action. */
  readonly notice: Html | undefined;
}

/** All that is known of one video: trouble first, then its audio, what can be done, what it is and what happened. */
export function renderVideo(loaded: LoadedVideo, options: VideoPageOptions, messages: Messages): Html {
  const { video } = loaded;
  return html`<main>
    <h1>${plainText(video.title ?? video._id, MAX_TITLE_LENGTH)}</h1>
    ${options.notice} ${renderTrouble(loaded, messages)} ${renderPlayer(loaded, messages)}
    ${renderActions(loaded, options, messages)} ${renderAbout(loaded, messages)}
    ${renderPlaces(loaded, messages)} ${renderFile(loaded, options.hasMirror, messages)}
    ${renderAttempts(loaded, messages)} ${renderJobs(loaded, messages)} ${renderDecisions(loaded, messages)}
  </main>`;
}

/** Why it is not archived, in plain words, and what to do. */
function renderTrouble({ video }: LoadedVideo, messages: Messages): Html | undefined {
  const { error, status } = video;
  if (error === undefined || error === null) return undefined;
  const texts = messages.video.trouble;
  const isFailed = status === 'failed';
  return html`<section class="trouble" aria-label="${texts.label}">
    <p class="${isFailed ? 'bad' : 'warn'}">
      <strong>${error.class}</strong> ${texts.at(messages.video.stages[error.stage])}
    </p>
    <p>${markedCommands(messages.advice(error.class, isFailed ? 'failed' : 'open'))}</p>
    ${
      video.next_retry_at === undefined || video.next_retry_at === null
        ? undefined
        : html`<p>${texts.nextRetry} ${renderMoment(video.next_retry_at, messages)}</p>`
    }
    ${renderMessage(error.message, texts.message)}
  </section>`;
}

function renderActions(
  { video }: LoadedVideo,
  { canChange, hasMirror }: VideoPageOptions,
  messages: Messages,
): Html | undefined {
  const possible = canChange ? actionsFor(video.status, hasMirror) : [];
  // A file that was imported cannot be downloaded; it can be imported again.
  const actions = possible.filter((name) => name !== 'redownload' || video.provider !== 'file');
  const isDeletable = canChange && canBeDeleted(video);
  if (actions.length === 0 && !isDeletable) return undefined;
  return html`<form class="actions" method="post" action="/videos/${video._id}">
    ${actions.map(
      (name) => html`<button name="action" value="${name}">${messages.videos.actions[name]}</button> `,
    )}
    ${isDeletable ? html`<a href="/videos/${video._id}/delete">${messages.video.deletion.link}</a>` : undefined}
  </form>`;
}
