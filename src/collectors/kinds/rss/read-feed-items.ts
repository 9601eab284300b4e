import type { DocumentItem, MediaItem, RejectedItem } from '../../collector.ts';
import { toCollectedItems } from './collected-items.ts';
import type { ParsedFeed } from './feed-item.ts';
import { readFeed, type ReadFeedOptions } from './read-feed.ts';
import type { FeedSettings, RssSettings } from './settings.ts';

/** What a run needs of a feed; everything in it can be passed between threads. */
export interface FeedItems extends Omit<ParsedFeed, 'items' | 'rejected'> {
  readonly items: readonly (DocumentItem | MediaItem | RejectedItem)[];
  /** The number of items of the feed: an episode is in `items` besides its document. */
  readonly itemCount: number;
}

/**
 * Reads a feed and converts its items, in one call so that a thread does all the work on foreign texts.
 * @throws TransientError `source_format` when it is not a feed
 */
export function readFeedItems(
  bytes: Uint8Array,
  options: ReadFeedOptions,
  source: { readonly settings: RssSettings; readonly feed: FeedSettings; readonly now: Date },
): FeedItems {
  const { items, rejected, ...feed } = readFeed(bytes, options);
  const collected = toCollectedItems({ ...feed, items, rejected }, source.settings, source.feed, source.now);
  return { ...feed, items: [...collected], itemCount: items.length + rejected.length };
}
