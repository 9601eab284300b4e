import { readFeed } from '../../src/collectors/kinds/rss/read-feed.ts';

const NAMESPACES = [
  'xmlns:atom="http://www.w3.org/2005/Atom"',
  'xmlns:content="http://purl.org/rss/1.0/modules/content/"',
  'xmlns:dc="http://purl.org/dc/elements/1.1/"',
  'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"',
  'xmlns:media="http://search.yahoo.com/mrss/"',
].join(' ');

/** A feed of RSS 2.0 with these items. */
export function rssFeed(items: string): string {
  return `<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" ${NAMESPACES}><channel><title>News</title>${items}</channel></rss>`;
}

/** A feed of Atom 1.0 with these entries. */
export function atomFeed(entries: string): string {
  return `<feed xmlns="http://www.w3.org/2005/Atom" ${NAMESPACES}><title>News</title>${entries}</feed>`;
}

/** A feed, read as a run reads it. */
export function readAll(content: string | Uint8Array, maxItems = 2_000) {
  return readFeed(typeof content === 'string' ? Buffer.from(content) : content, {
    url: 'https://site.example/feed',
    maxItems,
    maxBytes: 64 * 1024 ** 2,
  });
}

/** The titles of the items, without those that have none. */
export function titlesOf(content: string): (string | undefined)[] {
  return readAll(content).items.map(({ title }) => title);
}
