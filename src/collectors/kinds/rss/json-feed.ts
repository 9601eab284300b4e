import { z } from 'zod';
import { htmlToText } from '../../../text/html-to-text.ts';
import { parseWebUrl } from '../../canonical-form.ts';
import { MAX_TEXT_CHARACTERS } from './element-text.ts';
import {
  boundedDates,
  boundedId,
  isAudio,
  languageOf,
  nameOf,
  type FeedItem,
  type ParsedFeed,
} from './feed-item.ts';

/** A field of another type is left out, so that it costs no more than itself. */
const text = z.string().optional().catch(undefined);
/** Some feeds have numbers as ids. */
const id = z
  .union([z.string(), z.number().transform(String)])
  .optional()
  .catch(undefined);
const list = <T>(schema: z.ZodType<T>) => z.array(schema).catch([]);
const author = z.object({ name: text });

const itemSchema = z.object({
  id,
  url: text,
  external_url: text,
  title: text,
  content_html: text,
  content_text: text,
  summary: text,
  date_published: text,
  date_modified: text,
  author: author.optional().catch(undefined),
  authors: list(author),
  attachments: list(
    z.object({ url: text, mime_type: text, duration_in_seconds: z.number().optional().catch(undefined) }),
  ),
});

const feedSchema = z.object({
  version: z.string().regex(/^https?:\/\/(?:www\.)?jsonfeed\.org\/version\/1/),
  title: text,
  home_page_url: text,
  language: text,
  author: author.optional().catch(undefined),
  authors: list(author),
  items: z.array(z.unknown()),
});

/**
 * Reads a JSON Feed (https://www.jsonfeed.org/version/1.1/; 1.0 has one author instead of several).
 * @returns undefined when it is not a JSON Feed.
 */
export function readJsonFeed(
  json: unknown,
  options: { readonly url: string; readonly maxItems: number },
): Omit<ParsedFeed, 'invalidSequences'> | undefined {
  const feed = feedSchema.safeParse(json).data;
  if (feed === undefined) return undefined;
  const base = parseWebUrl(feed.home_page_url ?? '', options.url)?.href ?? options.url;
  const feedAuthor = authorOf(feed);
  const items: FeedItem[] = [];
  const rejected: ParsedFeed['rejected'][number][] = [];
  for (const [index, each] of feed.items.slice(0, options.maxItems).entries()) {
    const item = itemSchema.safeParse(each).data;
    if (item === undefined)
      rejected.push({ reason: 'unreadable', detail: `item ${String(index + 1)} is no object` });
    else items.push({ ...readItem(item, base), author: authorOf(item) ?? feedAuthor });
  }
  return {
    title: bounded(feed.title),
    language: languageOf(feed.language),
    ttlMinutes: undefined,
    items,
    rejected,
    leftOut: Math.max(0, feed.items.length - options.maxItems),
    unclosed: 0,
    isCutOff: false,
  };
}

function readItem(item: z.output<typeof itemSchema>, base: string): Omit<FeedItem, 'author'> {
  const urlOf = (address: string | undefined) => parseWebUrl(boundedId(address) ?? '', base);
  const html = bounded(item.content_html);
  const audio = item.attachments.find(({ url, mime_type: type }) => {
    const address = urlOf(url);
    return address !== undefined && isAudio(type, address);
  });
  const seconds = Math.round(audio?.duration_in_seconds ?? 0);
  return {
    guid: boundedId(item.id),
    link: (urlOf(item.url) ?? urlOf(item.external_url) ?? parseWebUrl(boundedId(item.id) ?? ''))?.href,
    title: bounded(item.title),
    summary: bounded(item.summary),
    content: bounded(html === undefined ? item.content_text : htmlToText(html)),
    dateTexts: boundedDates([item.date_published, item.date_modified]),
    audioUrl: urlOf(audio?.url)?.href,
    durationSeconds: seconds > 0 ? seconds : undefined,
  };
}

function authorOf(of: Pick<z.output<typeof itemSchema>, 'author' | 'authors'>): string | undefined {
  return [...of.authors, ...(of.author === undefined ? [] : [of.author])]
    .map(({ name }) => nameOf(name))
    .find((name) => name !== undefined);
}

/** A text that is not empty, cut to a length that is cheap to read. */
function bounded(value: string | undefined): string | undefined {
  const trimmed = value?.slice(0, MAX_TEXT_CHARACTERS).trim() ?? '';
  return trimmed === '' ? undefined : trimmed;
}
