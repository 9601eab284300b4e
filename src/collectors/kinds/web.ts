import { defineCollector } from '../collector.ts';
import { collectSite } from './web/collect-site.ts';
import { createPoliteClient } from './web/polite-client.ts';
import { webSettingsSchema } from './web/settings.ts';
import { createCrawlState, webStateSchema } from './web/state.ts';

/**
 * Web pages, once a night: articles behind the links of a list page, items of a list page, or articles that pages
 * describe as JSON-LD, or that read like one. It obeys robots.txt (RFC 9309), sends one request at a time with a delay between them, requests
 * pages conditionally, and respects the directives of pages (noindex, TDM reservation). The key of a document is its
 * canonical URL; its identity is that URL, title and text, so that a corrected article is an update.
 */
export const web = defineCollector({
  kind: 'web',
  settingsSchema: webSettingsSchema,
  stateSchema: webStateSchema,
  defaults: {
    schedule: { pattern: '0 2 * * *', timeZone: 'Europe/Paris' },
    freshness: { warnAfterHours: 26, errorAfterHours: 50, quietAfterHours: 30 * 24 },
  },
  async *collect(context) {
    const { settings, now, signal } = context;
    const state = createCrawlState(context.state);
    const client = createPoliteClient(context, state);
    const budget = { left: settings.maxPagesPerRun };
    for (const site of settings.sites) {
      const dateOrder = site.dateOrder ?? settings.dateOrder;
      yield* collectSite(site, { client, state, budget, dateOrder, signal, now });
      yield { type: 'checkpoint', state: state.save(now()) };
    }
  },
});
