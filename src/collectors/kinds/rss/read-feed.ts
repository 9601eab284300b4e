import { gunzipSync } from 'node:zlib';
import { TransientError } from '../../../domain/job-errors.ts';
import { parseJson } from '../../../runtime/json.ts';
import { decodeFeed } from './decode-feed.ts';
import type { ParsedFeed } from './feed-item.ts';
import { readJsonFeed } from './json-feed.ts';
import { readXmlFeed } from './read-xml-feed.ts';
import { splitItems } from './split-items.ts';
import { describeContent } from './unexpected-content.ts';

export interface ReadFeedOptions {
  /** The charset of Content-Type. */
  readonly charset?: string;
  /** The base of relative links: the address of the feed after redirects. */
  readonly url: string;
  readonly maxItems: number;
  /** The limit of a feed that was sent as a gzip file. */
  readonly maxBytes: number;
}

/**
 * Reads an RSS, Atom or JSON feed, whatever its server calls it. A mistake of the feed costs no more than the item it is
 * in: such an item is read as far as possible or rejected. The function is pure, and its time is linear in the size, so that
 * it can run in a thread (`parsingThreads`).
 * @throws TransientError `source_format` when it is not a feed; the message says what it is instead.
 */
export function readFeed(received: Uint8Array, options: ReadFeedOptions): ParsedFeed {
  const bytes = unpacked(received, options.maxBytes);
  const { text, invalidSequences } = decodeFeed(bytes, options.charset);
  if (/^\s*\{/.test(text)) {
    const json = parseJson(text);
    if (json === undefined) throw notAFeed('JSON that is cut off or broken');
    const feed = readJsonFeed(json, options);
    if (feed !== undefined) return { ...feed, invalidSequences };
  } else {
    const split = splitItems(text, options.maxItems);
    if (split !== undefined && !isHtml(split.prolog))
      return { ...readXmlFeed(split, options.url), invalidSequences };
  }
  throw notAFeed(describeContent(bytes, text));
}

function isHtml(prolog: string): boolean {
  return /<(?:html|head|body)[\s>]/i.test(prolog);
}

/** Some servers send a file `.xml.gz` without the header Content-Encoding. */
function unpacked(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch {
    throw notAFeed('a gzip file that is broken, or larger than maxFeedBytes after decompression');
  }
}

function notAFeed(what: string): TransientError {
  return new TransientError('source_format', `This is not an RSS, Atom or JSON feed: it is ${what}.`);
}
