import { load } from 'cheerio';
import { definedFields } from '../../../domain/defined-fields.ts';
import type { DocumentItem, MediaItem, RejectedItem } from '../../collector.ts';
import { canonicalUrl, normalisedText } from '../../canonical-form.ts';
import { itemKeys } from './item-keys.ts';
import type { FeedItem, ParsedFeed } from './read-feed.ts';
import type { FeedSettings, RssSettings } from './settings.ts';

const MAX_TITLE_CHARACTERS = 1_000;
/** Elements that separate words. */
const BLOCKS = 'p, div, br, li, ul, ol, tr, td, th, h1, h2, h3, h4, h5, h6, blockquote, figcaption';

/**
 * Converts the items of a feed. An item without title or date is kept. An item without title, summary and link is
 * rejected (`no_content`), and so is an episode without anything that identifies it (`episode_without_id`).
 */
export function* toCollectedItems(
  feed: ParsedFeed,
  settings: RssSettings,
  { name, url, id = url }: FeedSettings,
): Generator<DocumentItem | MediaItem | RejectedItem> {
  const keys = itemKeys(id, feed.items);
  for (const item of feed.items) {
    const title = shortened(normalisedText(htmlToText(item.title ?? '')), MAX_TITLE_CHARACTERS);
    const text = shortened(normalisedText(htmlToText(item.summary ?? '')), settings.maxSummaryCharacters);
    const key = keys.keyOf(item);
    if (key === undefined || (title === '' && text === '' && item.link === undefined)) {
      yield { type: 'rejected', reason: 'no_content', detail: `${name}: ${item.guid ?? 'an item'}` };
      continue;
    }
    const videoId = keys.episodeIdOf(item);
    const episode = settings.audioEnclosures ? episodeOf(item, title, videoId, feed) : undefined;
    const link = item.link === undefined ? undefined : canonicalUrl(item.link);
    yield definedFields({
      type: 'document' as const,
      key,
      identity: { url: link ?? '', title, text },
      url: link,
      title: title || undefined,
      text: text || undefined,
      language: feed.language,
      publishedAt: item.publishedAt,
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
  title: string,
  videoId: string | undefined,
  feed: ParsedFeed,
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
    publishedAt: item.publishedAt,
  });
}

/** The text of an HTML title or summary; plain text is returned unchanged. */
function htmlToText(html: string): string {
  if (!/[<&]/.test(html)) return html;
  const document = load(html, undefined, false);
  document('script, style, template, iframe, noscript').remove();
  document(BLOCKS).after(' ').before(' ');
  return document.root().text();
}

/** Truncates a text and marks the cut with an ellipsis. */
function shortened(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  if (maxCharacters === 0) return '';
  const beginning = text.slice(0, maxCharacters - 1).toWellFormed();
  return `${beginning.trimEnd()}…`;
}
