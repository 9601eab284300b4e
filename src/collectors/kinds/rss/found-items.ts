import type { FoundDocument, FoundMedia, RejectedItem } from '../../collector.ts';
import { canonicalUrl, normalisedText } from '../../identity-text.ts';
import { itemKeys } from './item-keys.ts';
import { htmlToText, shortened } from './plain-text.ts';
import type { FeedItem, ReadFeed } from './read-feed.ts';
import type { FeedSettings, RssSettings } from './settings.ts';

const LONGEST_TITLE = 1_000;

/**
 * What the items of a feed are to the engine. An item without title or date is kept with what it has; one of which
 * nothing can be shown is rejected (`no_content`), as is an episode that nothing identifies (`episode_without_id`).
 */
export function* foundItems(
  feed: ReadFeed,
  settings: RssSettings,
  { name, url, id = url }: FeedSettings,
): Generator<FoundDocument | FoundMedia | RejectedItem> {
  const keys = itemKeys(id, feed.items);
  for (const item of feed.items) {
    const title = shortened(normalisedText(htmlToText(item.title ?? '')), LONGEST_TITLE);
    const text = shortened(normalisedText(htmlToText(item.summary ?? '')), settings.maxSummaryCharacters);
    const key = keys.keyOf(item);
    if (key === undefined || (title === '' && text === '' && item.link === undefined)) {
      yield { type: 'rejected', reason: 'no_content', detail: `${name}: ${item.guid ?? 'an item'}` };
      continue;
    }
    const episode = settings.audioEnclosures
      ? episodeOf(item, title, keys.episodeIdOf(item), feed)
      : undefined;
    const link = item.link === undefined ? undefined : canonicalUrl(item.link);
    yield {
      type: 'document',
      key,
      identity: { url: link ?? '', title, text },
      ...(link === undefined ? {} : { url: link }),
      ...(title === '' ? {} : { title }),
      ...(text === '' ? {} : { text }),
      ...(feed.language === undefined ? {} : { language: feed.language }),
      ...(item.publishedAt === undefined ? {} : { publishedAt: item.publishedAt }),
      payload: {
        feed: name,
        ...(episode?.type === 'media' ? { video_id: `http.${episode.videoId}` } : {}),
      },
    };
    if (episode !== undefined) yield episode;
  }
}

function episodeOf(
  item: FeedItem,
  title: string,
  videoId: string | undefined,
  feed: ReadFeed,
): FoundMedia | RejectedItem | undefined {
  if (item.audioUrl === undefined) return undefined;
  if (videoId === undefined) return { type: 'rejected', reason: 'episode_without_id', detail: title };
  const author = item.author ?? feed.title;
  return {
    type: 'media',
    videoId,
    url: item.audioUrl,
    ...(title === '' ? {} : { title }),
    ...(author === undefined ? {} : { author: normalisedText(author) }),
    ...(item.durationSeconds === undefined ? {} : { durationSeconds: item.durationSeconds }),
    ...(item.publishedAt === undefined ? {} : { publishedAt: item.publishedAt }),
  };
}
