import type { DateOrder } from '../../../text/dates/calendar-date.ts';
import { definedFields } from '../../../domain/defined-fields.ts';
import type { DocumentItem, MediaItem, RejectedItem } from '../../collector.ts';
import { canonicalUrl, normalisedText } from '../../canonical-form.ts';
import { publicationDate, type PublicationDate } from '../../publication-date.ts';
import { itemKeys } from './item-keys.ts';
import type { FeedItem, ParsedFeed } from './feed-item.ts';
import type { FeedSettings, RssSettings } from './settings.ts';

const MAX_TITLE_CHARACTERS = 1_000;
/** Older dates, such as 1970, stand for an empty field. */
const EARLIEST = new Date('1990-01-01T00:00:00Z');
const MAX_AHEAD_MS = 2 * 24 * 3_600_000;

/**
 * Converts the items of a feed. An item without title or date is kept; the text of one without summary is the beginning of
 * its body. An item without title, text and link is rejected (`no_content`), and so is an episode without anything that
 * identifies it (`episode_without_id`).
 */
export function* toCollectedItems(
  feed: ParsedFeed,
  settings: RssSettings,
  { name, url, id = url, dateOrder = settings.dateOrder }: FeedSettings,
  now: Date,
): Generator<DocumentItem | MediaItem | RejectedItem> {
  for (const { reason, detail } of feed.rejected)
    yield { type: 'rejected', reason, detail: `${name}: ${detail}` };
  const keys = itemKeys(id, feed.items);
  for (const item of feed.items) {
    const title = shortened(normalisedText(item.title ?? ''), MAX_TITLE_CHARACTERS);
    const text = shortened(normalisedText(item.summary ?? item.content ?? ''), settings.maxSummaryCharacters);
    const key = keys.keyOf(item);
    if (key === undefined || (title === '' && text === '' && item.link === undefined)) {
      yield { type: 'rejected', reason: 'no_content', detail: `${name}: ${item.guid ?? 'an item'}` };
      continue;
    }
    const date = dateOf(item, now, dateOrder);
    const publishedAt = 'publishedAt' in date ? date.publishedAt : undefined;
    const videoId = keys.episodeIdOf(item, publishedAt);
    const episode = settings.audioEnclosures
      ? episodeOf(item, { title, videoId, publishedAt, feed })
      : undefined;
    const link = item.link === undefined ? undefined : canonicalUrl(item.link);
    yield definedFields({
      type: 'document' as const,
      key,
      identity: { url: link ?? '', title, text },
      url: link,
      title: title || undefined,
      text: text || undefined,
      language: feed.language,
      ...date,
      payload: definedFields({
        feed: name,
        video_id: episode?.type === 'media' ? `http.${episode.videoId}` : undefined,
      }),
    });
    if (episode !== undefined) yield episode;
  }
}

function episodeOf(
  item: FeedItem,
  {
    title,
    videoId,
    publishedAt,
    feed,
  }: { title: string; videoId: string | undefined; publishedAt: Date | undefined; feed: ParsedFeed },
): MediaItem | RejectedItem | undefined {
  if (item.audioUrl === undefined) return undefined;
  if (videoId === undefined) return { type: 'rejected', reason: 'episode_without_id', detail: title };
  const author = item.author ?? feed.title;
  return definedFields({
    type: 'media' as const,
    videoId,
    url: item.audioUrl,
    title: title || undefined,
    author: author === undefined ? undefined : normalisedText(author),
    durationSeconds: item.durationSeconds,
    publishedAt,
  });
}

/** The first of its dates that can be read, else why the first one cannot. */
function dateOf({ dateTexts }: FeedItem, now: Date, dateOrder: DateOrder | undefined): PublicationDate {
  const limits = { dateOrder, from: EARLIEST, to: new Date(now.getTime() + MAX_AHEAD_MS) };
  const dates = (dateTexts.length === 0 ? [''] : dateTexts).map((text) => publicationDate(text, limits));
  return dates.find((date) => 'publishedAt' in date) ?? dates[0] ?? {};
}

/** Truncates a text and marks the cut with an ellipsis. */
function shortened(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  if (maxCharacters === 0) return '';
  const beginning = text.slice(0, maxCharacters - 1).toWellFormed();
  return `${beginning.trimEnd()}…`;
}
