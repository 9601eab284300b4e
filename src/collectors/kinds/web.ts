import { defineCollector, type CollectContext, type Found } from '../collector.ts';
import { collectSite } from './web/collect-site.ts';
import { createPoliteClient } from './web/polite-client.ts';
import { webSettingsSchema, type WebSettings } from './web/settings.ts';
import { WebMemory, webStateSchema, type WebState } from './web/state.ts';

/**
 * Pages of the web, once a night: articles behind the links of a list, items of a list, or what pages describe as
 * JSON-LD. It does what robots.txt asks (RFC 9309), makes one request at a time with a pause after each, asks only for
 * what changed, and leaves out what the page asks to leave out. The key of a document is its canonical address; its
 * identity is that address, title and text, so that a corrected article is an update.
 */
export const web = defineCollector<WebSettings, WebState>({
  kind: 'web',
  settingsSchema: webSettingsSchema,
  stateSchema: webStateSchema,
  defaults: {
    schedule: { pattern: '0 2 * * *', timeZone: 'Europe/Paris' },
    freshness: { warnAfterHours: 26, errorAfterHours: 50 },
  },
  collect,
});

async function* collect(context: CollectContext<WebSettings, WebState>): AsyncGenerator<Found<WebState>> {
  const { settings, state, http, signal, now } = context;
  const memory = new WebMemory(settings, state);
  const client = createPoliteClient({
    http,
    memory,
    signal,
    now,
    delayMs: settings.delaySeconds * 1000,
    maxPageBytes: settings.maxPageBytes,
  });
  const budget = { left: settings.maxPagesPerRun };
  for (const site of settings.sites) {
    yield* collectSite(site, { client, memory, budget, now });
    yield { type: 'checkpoint', state: memory.save(now()) };
  }
}
