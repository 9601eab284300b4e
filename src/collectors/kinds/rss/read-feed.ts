import { parseFeed } from '@rowanmanning/feed-parser';
import { TransientError, toError } from '../../../domain/job-errors.ts';
import { readDuration, readFeedDate } from './dates.ts';

type ParsedFeed = ReturnType<typeof parseFeed>;
type ParsedItem = ParsedFeed['items'][number];
type XmlElement = ParsedItem['element'];

/** One item of a feed as it stands there: nothing is made plain or shortened yet. */
export interface FeedItem {
  readonly guid: string | undefined;
  /** Absolute; undefined when there is none that can be used. */
  readonly link: string | undefined;
  readonly title: string | undefined;
  readonly summary: string | undefined;
  /** For telling items apart only; it is not stored. */
  readonly content: string | undefined;
  readonly publishedAt: Date | undefined;
  readonly author: string | undefined;
  readonly audioUrl: string | undefined;
  readonly durationSeconds: number | undefined;
}

/** A feed that was read. */
export interface ReadFeed {
  readonly title: string | undefined;
  /** BCP 47. */
  readonly language: string | undefined;
  /** The `<ttl>` of RSS 2.0. */
  readonly ttlMinutes: number | undefined;
  readonly items: readonly FeedItem[];
  /** How many more items the feed has. */
  readonly leftOut: number;
}

const DATE_ELEMENTS = ['pubdate', 'published', 'issued', 'date', 'updated', 'modified'] as const;
const ROOT_END = /<\/(?:[\w-]+:)?(?:rss|rdf|feed)\s*>/i;
const LONGEST_NAME = 300;
const AUDIO_EXTENSION = /\.(?:mp3|m4a|m4b|aac|ogg|oga|opus|flac|wav)$/i;

/**
 * Reads an RSS or Atom feed. Entities that it declares itself are expanded by the parser up to 100,000 characters.
 * @param options.url its address, for links that are relative
 * @throws TransientError `source_format` when it is none.
 */
export function readFeed(
  text: string,
  options: { readonly url: URL; readonly maxItems: number; readonly now: Date },
): ReadFeed {
  try {
    // The parser takes what there is of a feed that was cut off; the rest would be missed without a word.
    if (!ROOT_END.test(text)) throw new Error('it has no end');
    const feed = parseFeed(text);
    const { items } = feed;
    const setting: ItemSetting = {
      base: webAddress(feed.url ?? '', options.url.href) ?? options.url.href,
      author: nameOf(feed.authors[0]?.name ?? undefined),
      now: options.now,
    };
    return {
      title: feed.title ?? undefined,
      language: languageOf(feed.language),
      ttlMinutes: ttlOf(feed.element),
      items: items.slice(0, options.maxItems).map((item) => readItem(item, setting)),
      leftOut: Math.max(0, items.length - options.maxItems),
    };
  } catch (error) {
    const reason = toError(error).message.split('\n')[0]?.slice(0, 200) ?? '';
    throw new TransientError('source_format', `This is no RSS or Atom feed: ${reason}`, { cause: error });
  }
}

/** What items take from their feed. The parser's own items search all of the feed anew for each of these. */
interface ItemSetting {
  readonly base: string;
  readonly author: string | undefined;
  readonly now: Date;
}

function readItem(item: ParsedItem, { base, author, now }: ItemSetting): FeedItem {
  const { element } = item;
  const guid = item.id ?? undefined;
  const isPermanentLink = element.findElementWithName('guid')?.getAttribute('ispermalink') !== 'false';
  const duration = element.findElementsWithName('duration').find(({ namespace }) => namespace === 'itunes');
  return {
    guid,
    link: linkOf(element, base) ?? (isPermanentLink && guid !== undefined ? webAddress(guid) : undefined),
    title: item.title ?? undefined,
    summary: item.description ?? undefined,
    content: item.content ?? undefined,
    publishedAt: dateOf(element, now),
    author: authorOf(element) ?? author,
    audioUrl: audioOf(item, base),
    durationSeconds: duration === undefined ? undefined : readDuration(duration.textContent),
  };
}

/** RSS has the address as text, Atom as an attribute of the link that is an alternate or says nothing. */
function linkOf(element: XmlElement, base: string): string | undefined {
  for (const link of element.findElementsWithName('link')) {
    const relation = link.getAttribute('rel');
    if (relation !== null && relation !== 'alternate') continue;
    const text = link.getAttributeAsUrl('href') ?? link.textContentAsUrl;
    const address = webAddress(text, base);
    if (address !== undefined) return address;
  }
  return undefined;
}

function dateOf(element: XmlElement, now: Date): Date | undefined {
  for (const name of DATE_ELEMENTS) {
    const text = element.findElementWithName(name)?.textContent;
    const date = text === undefined ? undefined : readFeedDate(text, now);
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

/** RSS 2.0 wants `mail@site.example (Name)`; an address alone is nobody's name. */
function nameOf(text: string | undefined): string | undefined {
  const name = (/^\S+@\S+\s*\(([^)]+)\)$/.exec(text ?? '')?.[1] ?? text ?? '').trim();
  return name === '' || /^\S+@\S+$/.test(name) ? undefined : name.slice(0, LONGEST_NAME);
}

/** The first audio enclosure; further ones are other encodings of the same. Pictures are enclosures as well. */
function audioOf(item: ParsedItem, base: string): string | undefined {
  const audio = item.media.find(
    ({ type, mimeType, url }) =>
      type === 'audio' || (type === null && mimeType === null && AUDIO_EXTENSION.test(pathOf(url))),
  );
  return audio === undefined ? undefined : webAddress(audio.url, base);
}

function pathOf(url: string): string {
  return url.split(/[?#]/, 1)[0] ?? '';
}

function ttlOf(channel: XmlElement): number | undefined {
  const minutes = Number(channel.findElementWithName('ttl')?.textContent.trim() ?? Number.NaN);
  return Number.isFinite(minutes) && minutes > 0 ? minutes : undefined;
}

function languageOf(text: string | null): string | undefined {
  try {
    return Intl.getCanonicalLocales((text ?? '').trim().replaceAll('_', '-'))[0];
  } catch {
    // Some write the name of the language.
    return undefined;
  }
}

function webAddress(text: string, base?: string): string | undefined {
  if (text.trim() === '' || !URL.canParse(text, base)) return undefined;
  const url = new URL(text, base);
  return /^https?:$/.test(url.protocol) ? url.href : undefined;
}
