import ipaddr from 'ipaddr.js';
import { definedFields } from '../../../domain/defined-fields.ts';
import type { DateOrder } from '../../../text/dates/calendar-date.ts';
import { pause } from '../../../runtime/deadline.ts';
import type { HttpResponse, Validators } from '../../../runtime/http-client/http-client.ts';
import { JobError, LaterError, PermanentError, TransientError } from '../../../domain/job-errors.ts';
import type { CollectContext } from '../../collector.ts';
import { fetchRobots, parseRobots, type RobotRules } from './robots.ts';
import type { WebSettings } from './settings.ts';
import type { CrawlState, WebState } from './state.ts';

const MIN_DELAY_MS = 1000;
/** After a 429 without Retry-After. */
const DEFAULT_PAUSE_MS = 15 * 60_000;
const MAX_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];
const PAGE_TYPES = ['text/html', 'application/xhtml+xml'];

/**
 * Fetches pages one after the other, with the delays and limits of robots.txt and of the hosts. Create one per run: it
 * keeps the time of the last request to each host.
 */
export function createPoliteClient(context: CollectContext<WebSettings, WebState>, state: CrawlState) {
  const { http, settings, signal, now } = context;
  const rules = new Map<string, Promise<RobotRules>>();
  const requestedAt = new Map<string, number>();

  /** At least one second; a site on the loopback interface is one's own and may be requested faster. */
  function minDelayMs(url: URL): number {
    const configuredMs = settings.delaySeconds * 1000;
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const isLoopback = ipaddr.isValid(host) && ipaddr.parse(host).range() === 'loopback';
    return isLoopback ? configuredMs : Math.max(configuredMs, MIN_DELAY_MS);
  }

  async function waitForDelay(url: URL, delayMs: number): Promise<void> {
    const last = requestedAt.get(url.host);
    if (last !== undefined) await pause(Math.max(0, last + delayMs - performance.now()), signal);
    requestedAt.set(url.host, performance.now());
  }

  async function readRules(origin: string): Promise<RobotRules> {
    const known = state.robotsOf(origin, now());
    if (known !== undefined) return parseRobots(origin, known);
    const url = new URL(origin);
    await waitForDelay(url, minDelayMs(url));
    return fetchRobots(origin, context, state);
  }

  function rulesOf(origin: string): Promise<RobotRules> {
    const reading = rules.get(origin) ?? readRules(origin);
    rules.set(origin, reading);
    return reading;
  }

  function assertNotPaused(origin: string): void {
    const availableAt = state.pausedUntil(origin, now());
    if (availableAt === undefined) return;
    const text = `${origin} asked for a pause until ${availableAt.toISOString()}.`;
    throw new LaterError('source_limited', text, { availableAt });
  }

  /** The delay between two requests to the origin of the URL. */
  async function delayMsOf(url: URL): Promise<number> {
    const { crawlDelayMs } = await rulesOf(url.origin);
    return Math.max(minDelayMs(url), crawlDelayMs);
  }

  async function fetchOnce(url: URL, validators: Validators | undefined): Promise<HttpResponse> {
    assertNotPaused(url.origin);
    try {
      const robotRules = await rulesOf(url.origin);
      if (!robotRules.allows(url)) {
        throw new PermanentError('address_refused', `robots.txt forbids ${url.href}.`);
      }
      await waitForDelay(url, await delayMsOf(url));
      return await http.fetch(url, {
        headers: { accept: 'text/html,application/xhtml+xml' },
        ...definedFields({ validators }),
        maxBytes: settings.maxPageBytes,
        mediaTypes: PAGE_TYPES,
        // Redirects are followed in fetchPage, because robots.txt applies to their targets too.
        acceptedStatuses: REDIRECTS,
        redirects: 'same-host',
        signal,
      });
    } catch (error) {
      if (error instanceof LaterError) {
        state.rememberPause(url.origin, error.availableAt ?? new Date(now().getTime() + DEFAULT_PAUSE_MS));
      }
      throw error;
    }
  }

  /**
   * Fetches a page, conditionally when there are validators.
   * @param isNeeded whether the target of a redirect is to be requested
   * @returns undefined when it redirects to a page that is not needed
   * @throws PermanentError `address_refused` when robots.txt forbids it or it redirects to another host; any JobError
   */
  async function fetchPage(
    url: URL,
    validators: Validators | undefined,
    isNeeded: (target: URL) => boolean = () => true,
  ): Promise<HttpResponse | undefined> {
    let target = url;
    for (let count = 0; count <= MAX_REDIRECTS; count += 1) {
      const response = await fetchOnce(target, validators);
      if (!REDIRECTS.includes(response.status)) return response;
      await response.discard();
      const location = response.headers.get('location');
      if (location === null || !URL.canParse(location, target.href)) break;
      const next = new URL(location, target);
      if (next.host !== target.host) {
        const message = `${target.href} redirects to another host, ${next.host}.`;
        throw new PermanentError('address_refused', message);
      }
      if (!isNeeded(next)) return undefined;
      target = next;
    }
    throw new TransientError('source_format', `${url.href} redirects too often or without a valid location.`);
  }

  return { fetchPage, delayMsOf };
}

/** Shared by all sites of one run. */
export interface SiteContext {
  readonly client: ReturnType<typeof createPoliteClient>;
  readonly state: CrawlState;
  /** How many more item pages may be requested in this run. */
  readonly budget: { left: number };
  readonly dateOrder: DateOrder | undefined;
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

/**
 * The error that fails only one page or one site.
 * @throws all other errors: an interruption, and programming errors
 */
export function toPartFailure(error: unknown): JobError {
  if (!(error instanceof JobError) || error.outcome === 'interrupted') throw error;
  return error;
}
