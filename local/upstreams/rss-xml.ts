/** A generated item; fields that are not set are missing in the XML. */
export interface RssItem {
  readonly guid?: string;
  readonly title?: string;
  readonly link?: string;
  readonly description?: string;
  /** Any text, so that it can be an invalid date. */
  readonly pubDate?: string;
  readonly enclosure?: { readonly url: string; readonly type: string; readonly length?: number };
  readonly itunesDuration?: string;
  /** The whole article, as the feed of 20 Minutes has it. */
  readonly body?: string;
}

export interface RssFeed {
  readonly title: string;
  readonly link: string;
  readonly language?: string;
  readonly copyright?: string;
  readonly ttlMinutes?: number;
  readonly items: readonly RssItem[];
}

/** A feed as news sites write them: RSS 2.0, texts in CDATA sections. */
export function feedXml(feed: RssFeed, encoding: 'UTF-8' | 'ISO-8859-1'): string {
  return [
    `<?xml version="1.0" encoding="${encoding}"?>`,
    '<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel>',
    element('title', feed.title),
    element('link', feed.link),
    element('language', feed.language ?? 'fr'),
    element('copyright', feed.copyright),
    element('ttl', feed.ttlMinutes?.toString()),
    ...feed.items.map(itemXml),
    '</channel></rss>',
  ].join('\n');
}

function itemXml(item: RssItem): string {
  const { enclosure } = item;
  return [
    '<item>',
    element('title', item.title),
    element('link', item.link),
    element('description', item.description),
    element('pubDate', item.pubDate),
    item.guid === undefined ? '' : `<guid isPermaLink="false">${escaped(item.guid)}</guid>`,
    enclosure === undefined
      ? ''
      : `<enclosure url="${escaped(enclosure.url)}" type="${enclosure.type}" length="${String(enclosure.length ?? 0)}"/>`,
    element('itunes:duration', item.itunesDuration),
    element('body', item.body),
    '</item>',
  ].join('');
}

function element(name: string, text: string | undefined): string {
  return text === undefined
    ? ''
    : `<${name}><![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]></${name}>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
