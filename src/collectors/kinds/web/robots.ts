import { isUtf8 } from 'node:buffer';
import { PRODUCT_TOKEN } from '../../../runtime/http-client/user-agent.ts';
import { InterruptedError, JobError, TransientError, toError } from '../../../domain/job-errors.ts';
import { byteOrderMarkOf } from '../../../text/decode-text.ts';
import type { CollectContext } from '../../collector.ts';
import { parseRobotRules } from './robots-rules.ts';
import type { WebSettings } from './settings.ts';
import type { CrawlState, WebState } from './state.ts';

/** Parsers must read at least this much (RFC 9309, section 2.5); the rest is ignored. */
const MAX_BYTES = 500 * 1024;
/** Longer texts are requested again instead of being stored in the state. */
const MAX_STORED_CHARACTERS = 16 * 1024;
/** RFC 9309, section 2.4. */
const MAX_CACHE_MS = 24 * 3_600_000;
/** Unavailable (section 2.3.1.3): everything is allowed. 429 requests a pause instead. */
const UNAVAILABLE = Array.from({ length: 100 }, (_, index) => 400 + index).filter((status) => status !== 429);

/**
 * Fetches the rules of an origin (RFC 9309) and keeps them in the state while they are fresh.
 * @throws TransientError when they cannot be read, because then nothing of the origin may be fetched; LaterError when
 *   the server asks for a pause; InterruptedError
 */
export async function fetchRobots(
  origin: string,
  { http, signal, now }: CollectContext<WebSettings, WebState>,
  state: CrawlState,
): Promise<RobotRules> {
  const url = new URL('/robots.txt', origin);
  try {
    const response = await http.fetch(url, {
      maxBytes: Number.MAX_SAFE_INTEGER,
      acceptedStatuses: UNAVAILABLE,
      signal,
    });
    const exists = response.status < 300;
    const text = exists ? await firstText(response.body) : '';
    if (!exists) await response.discard();
    if (text.length <= MAX_STORED_CHARACTERS) {
      const freshMs = Math.min(response.freshForMs ?? MAX_CACHE_MS, MAX_CACHE_MS);
      state.rememberRobots(origin, text, now().getTime() + freshMs);
    }
    return parseRobots(origin, text);
  } catch (error) {
    if (error instanceof InterruptedError) throw error;
    if (error instanceof JobError && error.outcome === 'later') throw error;
    const message = `robots.txt cannot be read, so nothing of ${origin} is fetched. ${toError(error).message}`;
    const errorClass = error instanceof TransientError ? error.errorClass : 'server_error';
    throw new TransientError(errorClass, message, { cause: error });
  }
}

export type RobotRules = ReturnType<typeof parseRobots>;

/** The rules for this program, by its product token and not by the header User-Agent. */
export function parseRobots(origin: string, text: string) {
  const { allowsPath, crawlDelayMs } = parseRobotRules(text, PRODUCT_TOKEN);
  return {
    /** False for a URL of another origin, to which other rules apply. */
    allows: (url: URL) => url.origin === new URL(origin).origin && allowsPath(pathAndQueryOf(url)),
    /** The crawl delay that the site requests, else 0. */
    crawlDelayMs,
  };
}

/** With a `?` before an empty query, which `URL.search` leaves out. */
function pathAndQueryOf({ pathname, search, href }: URL): string {
  const hasEmptyQuery = search === '' && href.split('#', 1)[0]?.endsWith('?') === true;
  return pathname + (hasEmptyQuery ? '?' : search);
}

async function firstText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BYTES) break;
  }
  const text = decodeRobots(Buffer.concat(chunks).subarray(0, MAX_BYTES));
  // A truncated last line would forbid or allow something else.
  return size > MAX_BYTES
    ? text.slice(0, Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1)
    : text;
}

/** Rules are compared octet by octet, so the octets of a text that is not UTF-8 are kept, percent-encoded. */
export function decodeRobots(bytes: Buffer): string {
  const mark = byteOrderMarkOf(bytes);
  if (mark !== undefined) return new TextDecoder(mark.encoding).decode(bytes);
  if (isUtf8(bytes)) return bytes.toString();
  return bytes
    .toString('latin1')
    .replace(/[\x80-\xff]/g, (octet) => `%${octet.charCodeAt(0).toString(16).toUpperCase()}`);
}
