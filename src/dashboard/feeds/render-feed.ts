import { createHash } from 'node:crypto';
import { xml, xmlDocument, type Xml } from '../../text/xml.ts';
import type { FeedPart } from './feed-parts.ts';

/** One episode of a feed. */
export interface FeedItem {
  /** Never changes, whatever becomes of the address: the `_id` of the video. */
  readonly id: string;
  readonly title: string;
  readonly author: string | undefined;
  readonly description: string;
  /** The page of the video at its source. */
  readonly link: string | undefined;
  readonly publishedAt: Date;
  readonly durationSeconds: number | undefined;
  readonly audio: { readonly url: string; readonly sizeBytes: number; readonly type: string };
}

/** A feed as RSS has it. */
export interface Feed {
  readonly title: string;
  readonly description: string;
  /** The page of the playlist at its source. */
  readonly link: string;
  /** IETF language tag. */
  readonly language: string;
  readonly author: string | undefined;
  readonly coverUrl: string;
  readonly changedAt: Date | undefined;
  /** Its address is a secret: no directory may list it. */
  readonly isPrivate: boolean;
  readonly part: FeedPart;
  /** The address of a part of this feed; undefined for the current document. */
  readonly addressOf: (archive: number | undefined) => string;
  readonly items: readonly FeedItem[];
}

/** Of https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/tags/guid.md */
const PODCAST_GUID_NAMESPACE = 'ead4c236-bf58-58c6-a2c6-a6b28d128cb6';

/** RSS 2.0 with the namespaces of iTunes and Podcasting 2.0, in parts by RFC 5005. */
export function renderFeed(feed: Feed): string {
  const { title, description, link, language, author, coverUrl, changedAt, isPrivate, part, addressOf } =
    feed;
  return xmlDocument(xml`<rss version="2.0"
  xmlns:atom="http://www.w3.org/2005/Atom"
  xmlns:fh="http://purl.org/syndication/history/1.0"
  xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"
  xmlns:podcast="https://podcastindex.org/namespace/1.0">
<channel>
<title>${title}</title>
<link>${link}</link>
<description>${description}</description>
<language>${language}</language>
<generator>Sonothèque</generator>
<ttl>60</ttl>
${changedAt && xml`<lastBuildDate>${changedAt.toUTCString()}</lastBuildDate>\n`}<atom:link rel="self" type="application/rss+xml" href="${addressOf(part.archive)}"/>
${linksOf(part, addressOf)}<image><url>${coverUrl}</url><title>${title}</title><link>${link}</link></image>
<itunes:image href="${coverUrl}"/>
<itunes:author>${author ?? title}</itunes:author>
<itunes:explicit>false</itunes:explicit>
<itunes:type>episodic</itunes:type>
<podcast:guid>${podcastGuid(link)}</podcast:guid>
${isPrivate ? xml`<itunes:block>Yes</itunes:block>\n<podcast:block>yes</podcast:block>\n` : undefined}${feed.items.map(renderItem)}</channel>
</rss>`);
}

function renderItem(item: FeedItem): Xml {
  const { id, title, author, description, link, publishedAt, durationSeconds, audio } = item;
  return xml`<item>
<title>${title}</title>
<guid isPermaLink="false">${id}</guid>
${link === undefined ? undefined : xml`<link>${link}</link>\n`}<pubDate>${publishedAt.toUTCString()}</pubDate>
<description>${description}</description>
<enclosure url="${audio.url}" length="${audio.sizeBytes}" type="${audio.type}"/>
${author === undefined ? undefined : xml`<itunes:author>${author}</itunes:author>\n`}${
    durationSeconds === undefined
      ? undefined
      : xml`<itunes:duration>${Math.round(durationSeconds)}</itunes:duration>\n`
  }</item>
`;
}

/** `previous` leads to newer items, `next` to older ones (RFC 5005, section 3); `prev-archive` to older ones (section 4). */
function linksOf({ archive, archives }: FeedPart, addressOf: Feed['addressOf']): readonly Xml[] {
  if (archives === 0) return [];
  const link = (rel: string, to: number | undefined) =>
    xml`<atom:link rel="${rel}" type="application/rss+xml" href="${addressOf(to)}"/>\n`;
  const links = [link('first', undefined), link('last', 1)];
  if (archive === undefined) return [...links, link('next', archives), link('prev-archive', archives)];
  links.push(xml`<fh:archive/>\n`, link('current', undefined));
  const newer = archive < archives ? archive + 1 : undefined;
  links.push(link('previous', newer));
  if (newer !== undefined) links.push(link('next-archive', newer));
  if (archive > 1) links.push(link('next', archive - 1), link('prev-archive', archive - 1));
  return links;
}

/**
 * The identity of a podcast: a UUID of version 5 of its address without scheme and slashes at its end. Of the address at the
 * source, so that it stays the same at every address of this server and tells nothing of a secret one.
 */
export function podcastGuid(link: string): string {
  const rest = link.replace(/^[a-z]+:\/\//i, '');
  let end = rest.length;
  while (rest[end - 1] === '/') end -= 1;
  const name = rest.slice(0, end);
  const namespace = Buffer.from(PODCAST_GUID_NAMESPACE.replaceAll('-', ''), 'hex');
  const hash = createHash('sha1').update(namespace).update(name).digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
