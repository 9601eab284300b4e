import { shownAddress } from '../../domain/shown-address.ts';
import { html, type Html, type HtmlValue } from '../../text/html.ts';
import type { Messages } from '../../text/messages/en.ts';
import { plainText } from '../../text/plain-text.ts';
import { renderMoment } from '../../text/render-moment.ts';
import { numbers, renderSection } from '../../text/tables.ts';
import { formatLength } from './format-length.ts';
import type { LoadedVideo } from './load-video.ts';

const MAX_TEXT_LENGTH = 300;
const MAX_LINES = 500;
const MAX_LINE_LENGTH = 2_000;

/** A name and what is known under it; undefined for nothing. */
export type Fact = readonly [name: string, value: HtmlValue];

/** A list of facts without those that are not known. Texts from outside are made plain here. */
export function renderFacts(facts: readonly Fact[]): Html {
  const known = facts.filter(([, value]) => value !== undefined && value !== '');
  return html`<dl class="facts">
    ${known.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${typeof value === 'string' ? plainText(value, MAX_TEXT_LENGTH) : value}</dd>`,
    )}
  </dl>`;
}

/** What a video is, by its source. */
export function renderAbout({ video }: LoadedVideo, messages: Messages): Html {
  const { about } = messages.video;
  const { statuses, skipReasons } = messages.videos;
  const status = statuses[video.status];
  const facts: Fact[] = [
    [about.id, video._id],
    [about.address, webLink(video.url)],
    [about.author, authorOf(video, messages)],
    [about.channel, video.channel_id ?? undefined],
    [about.published, dayOf(video.published_at, messages)],
    [about.language, video.audio?.language],
    [about.licence, video.licence ?? undefined],
    [about.tags, video.tags?.join(', ')],
    [about.length, formatLength(video.duration ?? undefined)],
    [about.status, video.skip_reason ? `${status} (${skipReasons[video.skip_reason]})` : status],
    [about.found, renderMoment(video.created_at, messages)],
    [about.changed, renderMoment(video.updated_at, messages)],
  ];
  return html`<h2>${about.title}</h2>
    ${renderFacts(facts)} ${renderDescription(video.description, about.description)}`;
}

/** Line by line, folded away: it may be long. */
function renderDescription(text: string | null | undefined, summary: string): Html | undefined {
  if (text === undefined || text === null) return undefined;
  const lines = text.split('\n', MAX_LINES).map((line) => plainText(line, MAX_LINE_LENGTH));
  return html`<details class="description">
    <summary>${summary}</summary>
    <pre>${lines.join('\n')}</pre>
  </details>`;
}

function authorOf({ author, channel_id: channel }: LoadedVideo['video'], { video }: Messages): HtmlValue {
  if (author === undefined || author === null) return undefined;
  const name = plainText(author, MAX_TEXT_LENGTH);
  if (channel === undefined || channel === null) return name;
  const address = `/videos?channel=${encodeURIComponent(channel)}`;
  return html`<a href="${address}" title="${video.about.otherVideosOf(name)}">${name}</a>`;
}

/** A day without an hour, so no zone can move it. */
function dayOf(at: Date | null | undefined, { format }: Messages): string | undefined {
  return at === undefined || at === null ? undefined : format.day(at.toISOString().slice(0, 10));
}

/** The playlists that contain a video, or did. */
export function renderPlaces({ places }: LoadedVideo, messages: Messages): Html {
  const { title, columns, removed, none } = messages.video.playlists;
  if (places.length === 0)
    return html`<h2>${title}</h2>
      <p>${none}</p>`;
  return renderSection(
    title,
    [columns.playlist, ...numbers(columns.position), columns.since],
    places.map(
      (place) =>
        html`<tr>
          <td class="text">
            <a href="/playlists/${encodeURIComponent(place.id)}"
              >${plainText(place.title, MAX_TEXT_LENGTH)}</a
            >
            <small>${plainText(place.id, MAX_TEXT_LENGTH)}</small>
          </td>
          <td class="number">${place.isRemoved ? removed : messages.format.number(place.position)}</td>
          <td>${renderMoment(place.since, messages)}</td>
        </tr>`,
    ),
  );
}

/** Addresses come from the database; only web addresses become links, never `javascript:`. */
function webLink(address: string): Html {
  const shown = shownAddress(address);
  const text = plainText(shown, MAX_TEXT_LENGTH);
  return /^https?:\/\//i.test(shown) ? html`<a href="${shown}" rel="noreferrer">${text}</a>` : html`${text}`;
}
