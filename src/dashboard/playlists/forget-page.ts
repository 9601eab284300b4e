import type { PlaylistDetails } from '../../operations/list-playlists.ts';
import { html, type Html } from '../../text/html.ts';
import type { Messages } from '../../text/messages/en.ts';
import { plainText } from '../../text/plain-text.ts';

const MAX_TITLE_LENGTH = 120;

interface ForgetPage {
  readonly playlist: Pick<PlaylistDetails, 'id' | 'title' | 'nested'>;
  /** Videos that no other playlist contains. */
  readonly videos: number;
  /** The form was sent without a choice. */
  readonly isChoiceMissing: boolean;
}

/** Asks whether a playlist is to be forgotten, and what becomes of its videos. */
export function renderForget({ playlist, videos, isChoiceMissing }: ForgetPage, messages: Messages): Html {
  const { forget: texts } = messages.playlists;
  const path = `/playlists/${encodeURIComponent(playlist.id)}`;
  const name = plainText(playlist.title ?? playlist.id, MAX_TITLE_LENGTH);
  const choice = (value: string, label: string, effect: string) =>
    html`<p>
      <label class="inline"><input type="radio" name="videos" value="${value}" required /> ${label}</label>
      <small>${effect}</small>
    </p>`;
  return html`<main>
    <h1>${texts.title(name)}</h1>
    <p>${texts.effect}</p>
    ${playlist.nested.length === 0 ? undefined : html`<p>${texts.nested(playlist.nested.length)}</p>`}
    ${isChoiceMissing ? html`<p class="problem" role="alert">${texts.choose}</p>` : undefined}
    <form method="post" action="${path}/forget">
      ${choice('keep', texts.keep, texts.keepEffect)}
      ${choice('delete', texts.withVideos, texts.withVideosEffect(videos))}
      <div class="actions">
        <button class="danger">${texts.confirm}</button>
        <a class="button quiet" href="${path}">${texts.cancel}</a>
      </div>
    </form>
  </main>`;
}
