import { defineCollector, namedEntries } from '../collector.ts';
import { collectFeed } from './rss/collect-feed.ts';
import { rssSettingsSchema } from './rss/settings.ts';
import { feedStateKey, rssStateSchema } from './rss/state.ts';

/**
 * News feeds and podcasts, every hour. A document is an item: its key is derived from its guid, its identity from
 * canonical URL, title and summary. With `audioEnclosures` episodes also go through the audio pipeline.
 */
export const rss = defineCollector({
  kind: 'rss',
  settingsSchema: rssSettingsSchema,
  stateSchema: rssStateSchema,
  defaults: {
    schedule: { pattern: '0 * * * *', timeZone: 'Europe/Paris' },
    freshness: { warnAfterHours: 24, errorAfterHours: 48, quietAfterHours: 7 * 24 },
  },
  async *collect(context) {
    const keys = context.settings.feeds.map(({ url }) => feedStateKey(url));
    const feeds = namedEntries(context.state?.feeds, keys);
    for (const feed of context.settings.feeds) {
      const key = feedStateKey(feed.url);
      feeds.set(key, yield* collectFeed(context, feed, feeds.get(key) ?? {}));
      yield { type: 'checkpoint', state: { feeds: Object.fromEntries(feeds) } };
    }
  },
});
