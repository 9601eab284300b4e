import { defineCollector } from '../collector.ts';
import { collectFeed } from './rss/collect-feed.ts';
import { rssSettingsSchema, type RssSettings } from './rss/settings.ts';
import { feedStateKey, rssStateSchema, type FeedState, type RssState } from './rss/state.ts';

/**
 * News feeds and podcasts, every hour. A document is an item: its key is derived from its guid, its identity from
 * canonical URL, title and summary. With `audioEnclosures` episodes also go through the audio pipeline.
 */
export const rss = defineCollector<RssSettings, RssState>({
  kind: 'rss',
  settingsSchema: rssSettingsSchema,
  stateSchema: rssStateSchema,
  defaults: {
    schedule: { pattern: '0 * * * *', timeZone: 'Europe/Paris' },
    freshness: { warnAfterHours: 24, errorAfterHours: 48 },
  },
  async *collect(context) {
    const known = context.state?.feeds ?? {};
    const keys = context.settings.feeds.map(({ url }) => feedStateKey(url));
    // Drops feeds that are no longer in the settings.
    const feeds = new Map<string, FeedState>(Object.entries(known).filter(([key]) => keys.includes(key)));
    for (const feed of context.settings.feeds) {
      const key = feedStateKey(feed.url);
      feeds.set(key, yield* collectFeed(context, feed, feeds.get(key) ?? {}));
      yield { type: 'checkpoint', state: { feeds: Object.fromEntries(feeds) } };
    }
  },
});
