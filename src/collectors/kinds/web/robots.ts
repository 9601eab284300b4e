import robotsParserModule from 'robots-parser';
import type { HttpClient } from '../../../runtime/http-client/http-client.ts';
import { PRODUCT_TOKEN } from '../../../runtime/http-client/user-agent.ts';
import { InterruptedError, JobError, TransientError } from '../../../domain/job-errors.ts';
import type { WebMemory } from './state.ts';

/** Parsers must read at least this much (RFC 9309, section 2.5); what follows is left out. */
const LONGEST_BYTES = 500 * 1024;
/** Longer ones are asked for again instead of being carried in the state. */
const LONGEST_KEPT = 16 * 1024;
/** RFC 9309, section 2.4. */
const LONGEST_CACHE_MS = 24 * 3_600_000;
/** Unavailable (section 2.3.1.3): everything is allowed. 429 asks for a pause instead. */
const UNAVAILABLE = Array.from({ length: 100 }, (_, index) => 400 + index).filter((status) => status !== 429);

// Its types announce a default export, but the module is the function itself.
const robotsParser = robotsParserModule as unknown as typeof robotsParserModule.default;

/** The rules of one origin for this program. */
export interface RobotRules {
  allows(url: URL): boolean;
  /** The pause that the site asks for; 0 when it asks for none. */
  readonly crawlDelayMs: number;
}

/**
 * The rules of an origin by RFC 9309: from the state while they are young enough, else from `/robots.txt`.
 * @throws TransientError when they cannot be read, so that nothing of the origin may be fetched; LaterError when the
 *   server asks for a pause; InterruptedError
 */
export async function robotRulesOf(
  origin: string,
  use: {
    readonly http: HttpClient;
    readonly memory: WebMemory;
    readonly signal: AbortSignal;
    readonly now: () => Date;
  },
): Promise<RobotRules> {
  const { http, memory, signal, now } = use;
  const known = memory.robotsOf(origin, now());
  if (known !== undefined) return rulesOf(origin, known);
  const address = new URL('/robots.txt', origin);
  try {
    const answer = await http.fetch(address, {
      maxBytes: Number.MAX_SAFE_INTEGER,
      acceptedStatuses: UNAVAILABLE,
      signal,
    });
    const isThere = answer.status < 300;
    const text = isThere ? await firstText(answer.body) : '';
    if (!isThere) await answer.discard();
    if (text.length <= LONGEST_KEPT) {
      const freshMs = Math.min(answer.freshForMs ?? LONGEST_CACHE_MS, LONGEST_CACHE_MS);
      memory.rememberRobots(origin, text, now().getTime() + freshMs);
    }
    return rulesOf(origin, text);
  } catch (error) {
    if (error instanceof InterruptedError) throw error;
    if (error instanceof JobError && error.outcome === 'later') throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new TransientError(
      'server_error',
      `robots.txt cannot be read, so nothing of ${origin} is fetched. ${reason}`,
      { cause: error },
    );
  }
}

function rulesOf(origin: string, text: string): RobotRules {
  const robots = robotsParser(new URL('/robots.txt', origin).href, text);
  const delaySeconds = robots.getCrawlDelay(PRODUCT_TOKEN) ?? 0;
  return {
    // The product token and never the header; undefined stands for another origin, whose rules these are not.
    allows: (url) => robots.isAllowed(url.href, PRODUCT_TOKEN) === true,
    crawlDelayMs: Number.isFinite(delaySeconds) ? Math.max(0, delaySeconds) * 1000 : 0,
  };
}

async function firstText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= LONGEST_BYTES) break;
  }
  const text = new TextDecoder().decode(Buffer.concat(chunks).subarray(0, LONGEST_BYTES));
  // A line that was cut in the middle would forbid or allow something else.
  return size > LONGEST_BYTES ? text.slice(0, text.lastIndexOf('\n') + 1) : text;
}
