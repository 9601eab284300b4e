import { parseVideoDocumentId } from '../../domain/video-key.ts';
import { html, type Html } from '../../text/html.ts';
import { plainText } from '../../text/plain-text.ts';
import type { OverviewActionName } from './overview-actions.ts';
import type { View } from './view.ts';

/** Titles and messages come from outside and may be very long. */
const MAX_TEXT_LENGTH = 120;
/** The `_id` of a playlist: its kind and what names it. */
const PLAYLIST_ID = /^[a-z]{1,20}\.\S{1,300}$/u;

export function cut(text: string, maxLength = MAX_TEXT_LENGTH): string {
  return plainText(text, maxLength);
}

/** The item that caused something, as a link where it has a page. */
export function itemLink(item: string): Html {
  if (parseVideoDocumentId(item) !== undefined) {
    return html`<a href="/videos/${encodeURIComponent(item)}">${cut(item)}</a>`;
  }
  return isPlaylist(item)
    ? html`<a href="/playlists/${encodeURIComponent(item)}">${cut(item)}</a>`
    : html`<code>${cut(item)}</code>`;
}

/** Whether `skipItem` can do something with it. */
export function canBeSkipped(item: string | null | undefined): item is string {
  return (
    item !== null && item !== undefined && (parseVideoDocumentId(item) !== undefined || isPlaylist(item))
  );
}

function isPlaylist(item: string): boolean {
  return PLAYLIST_ID.test(item);
}

/** A form with one button; nothing for those who may not press it. */
export function actionButton(
  action: OverviewActionName,
  target: string,
  label: string,
  { canChange, messages }: Pick<View, 'canChange' | 'messages'>,
): Html | undefined {
  if (!canChange) return undefined;
  const name = messages.overview.actions.with(label, cut(target));
  return html`<form method="post" action="/actions">
    <input type="hidden" name="target" value="${target}" />
    <button class="quiet" name="action" value="${action}" aria-label="${name}">${label}</button>
  </form>`;
}
