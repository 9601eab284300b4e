import { parseFeed } from '@rowanmanning/feed-parser';
import { TransientError, toError } from '../../../domain/job-errors.ts';
import { parseWebUrl } from '../../canonical-form.ts';
import { parseDuration, parseFeedDate } from './dates.ts';

type LibraryFeed = ReturnType<typeof parseFeed>;
type LibraryItem = LibraryFeed['items'][number];
type XmlElement = LibraryItem['element'];

const DATE_ELEMENTS = ['pubdate', 'published', 'issued', 'date', 'updated', 'modified'] as const;
const ROOT_END = /<\/(?:[\w-]+:)?(?:rss|rdf|feed)\s*>/i;
const MAX_NAME_CHARACTERS = 300;
const AUDIO_EXTENSION = /\.(?:mp3|m4a|m4b|aac|ogg|oga|opus|flac|wav)$/i;

/**
 * Parses an RSS or Atom feed. The parser expands entities that the feed declares up to 100,000 characters.
 * @param options.url the base of relative links
 * @throws TransientError `source_format` when it is not a feed.
 */
export function readFeed(
  text: string,
  options: { readonly url: URL; readonly maxItems: number; readonly now: Date },
) {
  try {
    // The parser accepts truncated feeds, and the missing items would go unnoticed.
    if (!ROOT_END.test(text)) throw new Error('it is truncated');
    const feed = parseFeed(text);
    const { items } = feed;
    const base = parseWebUrl(feed.url ?? '', options.url.href)?.href ?? options.url.href;
    const author = nameOf(feed.authors[0]?.name ?? undefined);
    return {
      title: feed.title ?? undefined,
      /** BCP 47. */
      language: languageOf(feed.language),
      /** The `<ttl>` of RSS 2.0. */
      ttlMinutes: ttlOf(feed.element),
      items: items.slice(0, options.maxItems).map((item) => readItem(item, base, author, options.now)),
      /** The number of items beyond `maxItems`. */
      leftOut: Math.max(0, items.length - options.maxItems),
    };
  } catch (error) {
    const reason = toError(error).message.split('\n')[0]?.slice(0, 200) ?? '';
    throw new TransientError('source_format', `This is not an RSS or Atom feed: ${reason}`, { cause: error });
  }
}

export type ParsedFeed = ReturnType<typeof readFeed>;

/**
 * One item of a feed, with its texts as in the feed: HTML is not removed and nothing is shortened.
 * @param base with `author` what an item takes from its feed: the parser's own items would search the whole feed for it
 */
function readItem(item: LibraryItem, base: string, author: string | undefined, now: Date) {
  const { element } = item;
  const guid = item.id ?? undefined;
  const isPermanentLink = element.findElementWithName('guid')?.getAttribute('ispermalink') !== 'false';
  const duration = element.findElementsWithName('duration').find(({ namespace }) => namespace === 'itunes');
  return {
    guid,
    /** Absolute; undefined when there is no valid web URL. */
    link: linkOf(element, base) ?? (isPermanentLink ? parseWebUrl(guid ?? '')?.href : undefined),
    title: item.title ?? undefined,
    summary: item.description ?? undefined,
    /** Used only to identify items; it is not stored. */
    content: item.content ?? undefined,
    publishedAt: dateOf(element, now),
    author: authorOf(element) ?? author,
    audioUrl: audioOf(item, base),
    durationSeconds: duration === undefined ? undefined : parseDuration(duration.textContent),
  };
}

export type FeedItem = ReturnType<typeof readItem>;

/** RSS has the URL as text, Atom as an attribute of the link with `rel="alternate"` or without `rel`. */
function linkOf(element: XmlElement, base: string): string | undefined {
  for (const link of element.findElementsWithName('link')) {
    const relation = link.getAttribute('rel');
    if (relation !== null && relation !== 'alternate') continue;
    const text = link.getAttributeAsUrl('href') ?? link.textContentAsUrl;
    const url = parseWebUrl(text, base);
    if (url !== undefined) return url.href;
  }
  return undefined;
}

function dateOf(element: XmlElement, now: Date): Date | undefined {
  for (const name of DATE_ELEMENTS) {
    const text = element.findElementWithName(name)?.textContent;
    const date = text === undefined ? undefined : parseFeedDate(text, now);
    if (date !== undefined) return date;
  }
  return undefined;
}

function authorOf(element: XmlElement): string | undefined {
  for (const name of ['creator', 'author']) {
    for (const author of element.findElementsWithName(name)) {
      const found = nameOf((author.findElementWithName('name') ?? author).textContentNormalized);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** RSS 2.0 requires `mail@site.example (Name)`; an e-mail address alone is not a name. */
function nameOf(text: string | undefined): string | undefined {
  const name = (/^\S+@\S+\s*\(([^)]+)\)$/.exec(text ?? '')?.[1] ?? text ?? '').trim();
  return name === '' || /^\S+@\S+$/.test(name) ? undefined : name.slice(0, MAX_NAME_CHARACTERS);
}

/** The first audio enclosure; further ones are other encodings of the same audio. Pictures are enclosures as well. */
function audioOf(item: LibraryItem, base: string): string | undefined {
  const audio = item.media.find(
    ({ type, mimeType, url }) =>
      type === 'audio' ||
      (type === null && mimeType === null && AUDIO_EXTENSION.test(url.replace(/[?#].*$/s, ''))),
  );
  return audio === undefined ? undefined : parseWebUrl(audio.url, base)?.href;
}

function ttlOf(channel: XmlElement): number | undefined {
  const minutes = Number(channel.findElementWithName('ttl')?.textContent.trim() ?? Number.NaN);
  return Number.isFinite(minutes) && minutes > 0 ? minutes : undefined;
}

function languageOf(text: string | null): string | undefined {
  try {
    return Intl.getCanonicalLocales((text ?? '').trim().replaceAll('_', '-'))[0];
  } catch {
    // Some feeds contain the name of the language instead.
    return undefined;
  }
}
