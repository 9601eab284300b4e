import { html, type Html } from './html.ts';
import type { Messages } from './messages/en.ts';

/** A time as a `time` element: in UTC, until the script of the pages shows it in the zone of the reader. A dash for null. */
export function renderMoment(at: Date | null | undefined, { format }: Messages): Html {
  if (at === null || at === undefined) return html`–`;
  return html`<time datetime="${at.toISOString()}">${format.moment(at)}</time>`;
}
