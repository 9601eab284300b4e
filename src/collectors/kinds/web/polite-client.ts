import ipaddr from 'ipaddr.js';
import { pause } from '../../../runtime/deadline.ts';
import type { HttpResponse, HttpClient, Validators } from '../../../runtime/http-client/http-client.ts';
import { LaterError, PermanentError, TransientError } from '../../../domain/job-errors.ts';
import { robotRulesOf, type RobotRules } from './robots.ts';
import type { WebMemory } from './state.ts';

const LEAST_DELAY_MS = 1000;
/** After a 429 that does not say for how long. */
const REST_MS = 15 * 60_000;
const MOST_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];
const PAGE_TYPES = ['text/html', 'application/xhtml+xml'];

/** What a polite client works with. */
export interface PoliteOptions {
  readonly http: HttpClient;
  readonly memory: WebMemory;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly delayMs: number;
  readonly maxPageBytes: number;
}

/** Asks one page after the other, as robots.txt and the hosts want it. */
export interface PoliteClient {
  /**
   * Reads a page, or learns that it did not change.
   * @throws PermanentError `address_refused` when robots.txt forbids it or it redirects to another host; any JobError
   */
  fetchPage(url: URL, validators: Validators | undefined): Promise<HttpResponse>;
  /** The pause between two requests to the origin of an address. */
  delayMsOf(url: URL): Promise<number>;
}

/** One for each run: it knows when each host was asked last. */
export function createPoliteClient(options: PoliteOptions): PoliteClient {
  const { http, memory, signal, now } = options;
  const rules = new Map<string, Promise<RobotRules>>();
  const askedAt = new Map<string, number>();

  async function waitForTurn(url: URL, delayMs: number): Promise<void> {
    const last = askedAt.get(url.host);
    if (last !== undefined) await pause(Math.max(0, last + delayMs - performance.now()), signal);
    askedAt.set(url.host, performance.now());
  }

  async function readRules(origin: string): Promise<RobotRules> {
    const url = new URL(origin);
    if (memory.robotsOf(origin, now()) === undefined)
      await waitForTurn(url, leastDelayMs(url, options.delayMs));
    return robotRulesOf(origin, options);
  }

  function rulesOf(origin: string): Promise<RobotRules> {
    const reading = rules.get(origin) ?? readRules(origin);
    rules.set(origin, reading);
    return reading;
  }

  function refuseDuringRest(origin: string): void {
    const availableAt = memory.restOf(origin, now());
    if (availableAt === undefined) return;
    const text = `${origin} asked to be left alone until ${availableAt.toISOString()}.`;
    throw new LaterError('source_limited', text, { availableAt });
  }

  async function delayMsOf(url: URL): Promise<number> {
    const { crawlDelayMs } = await rulesOf(url.origin);
    return Math.max(leastDelayMs(url, options.delayMs), crawlDelayMs);
  }

  async function ask(url: URL, validators: Validators | undefined): Promise<HttpResponse> {
    refuseDuringRest(url.origin);
    try {
      const robotRules = await rulesOf(url.origin);
      if (!robotRules.allows(url))
        throw new PermanentError('address_refused', `robots.txt forbids ${url.href}.`);
      await waitForTurn(url, await delayMsOf(url));
      return await http.fetch(url, {
        headers: { accept: 'text/html,application/xhtml+xml' },
        ...(validators === undefined ? {} : { validators }),
        maxBytes: options.maxPageBytes,
        mediaTypes: PAGE_TYPES,
        // Redirects come back here: where they lead is a matter of robots.txt too.
        acceptedStatuses: REDIRECTS,
        redirects: 'same-host',
        signal,
      });
    } catch (error) {
      if (error instanceof LaterError) {
        memory.rememberRest(url.origin, error.availableAt ?? new Date(now().getTime() + REST_MS));
      }
      throw error;
    }
  }

  async function fetchPage(url: URL, validators: Validators | undefined): Promise<HttpResponse> {
    let target = url;
    for (let count = 0; count <= MOST_REDIRECTS; count += 1) {
      const answer = await ask(target, validators);
      if (!REDIRECTS.includes(answer.status)) return answer;
      await answer.discard();
      const location = answer.headers.get('location');
      if (location === null || !URL.canParse(location, target.href)) break;
      const next = new URL(location, target);
      if (next.host !== target.host) {
        throw new PermanentError(
          'address_refused',
          `${target.href} redirects to another host, ${next.host}.`,
        );
      }
      target = next;
    }
    throw new TransientError('source_format', `${url.href} redirects without end.`);
  }

  return { fetchPage, delayMsOf };
}

/** A second at least; only a site on this very machine, which is one's own, may be asked faster. */
function leastDelayMs(url: URL, configuredMs: number): number {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isOwn = ipaddr.isValid(host) && ipaddr.parse(host).range() === 'loopback';
  return isOwn ? configuredMs : Math.max(configuredMs, LEAST_DELAY_MS);
}
