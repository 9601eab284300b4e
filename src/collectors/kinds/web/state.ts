import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Validators } from '../../../runtime/http-client/http-client.ts';
import type { WebSettings } from './settings.ts';

/** The pages that were asked for last; each run keeps a copy of the state, so it stays small. */
const MOST_PAGES = 1000;

const pageSchema = z.object({
  url: z.string(),
  etag: z.string().exactOptional(),
  lastModified: z.string().exactOptional(),
  checkedAt: z.number(),
  /** Not asked for again before, in milliseconds since 1970. */
  freshUntil: z.number(),
});

const robotsSchema = z.object({
  origin: z.string(),
  /** Empty: everything is allowed. */
  text: z.string(),
  expiresAt: z.number(),
});

const restSchema = z.object({ origin: z.string(), until: z.number() });

/** What a run leaves to the next one. Times are milliseconds since 1970. */
export const webStateSchema = z.object({
  /** Of the sites: pages that were read by other rules are asked for anew. */
  rules: z.string(),
  pages: z.array(pageSchema),
  robots: z.array(robotsSchema),
  /** Hosts that asked for a pause. */
  rests: z.array(restSchema),
});

export type WebState = z.infer<typeof webStateSchema>;
type PageState = z.infer<typeof pageSchema>;
type RobotsState = z.infer<typeof robotsSchema>;

/** What is known of pages, rules of robots and pauses during a run. */
export class WebMemory {
  readonly #rules: string;
  readonly #pages: Map<string, PageState>;
  readonly #robots: Map<string, RobotsState>;
  readonly #rests: Map<string, number>;

  constructor(settings: WebSettings, state: WebState | undefined) {
    this.#rules = createHash('sha256').update(JSON.stringify(settings.sites)).digest('hex').slice(0, 16);
    const pages = state?.rules === this.#rules ? state.pages : [];
    this.#pages = new Map(pages.map((page) => [page.url, page]));
    this.#robots = new Map((state?.robots ?? []).map((robots) => [robots.origin, robots]));
    this.#rests = new Map((state?.rests ?? []).map(({ origin, until }) => [origin, until]));
  }

  pageOf(url: string): PageState | undefined {
    return this.#pages.get(url);
  }

  /** Keeps what a server said of a page that was read to its end. */
  rememberPage(url: string, validators: Validators, freshForMs: number, now: Date): void {
    const checkedAt = now.getTime();
    const { etag, lastModified } = validators;
    // Newest last: the oldest go first when there are too many.
    this.#pages.delete(url);
    this.#pages.set(url, {
      url,
      ...(etag === undefined ? {} : { etag }),
      ...(lastModified === undefined ? {} : { lastModified }),
      checkedAt,
      freshUntil: checkedAt + freshForMs,
    });
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= MOST_PAGES) break;
      this.#pages.delete(oldest);
    }
  }

  /** The next run asks for the page as if it had never seen it. */
  forgetPage(url: string): void {
    this.#pages.delete(url);
  }

  robotsOf(origin: string, now: Date): string | undefined {
    const robots = this.#robots.get(origin);
    return robots !== undefined && robots.expiresAt > now.getTime() ? robots.text : undefined;
  }

  rememberRobots(origin: string, text: string, expiresAt: number): void {
    this.#robots.set(origin, { origin, text, expiresAt });
  }

  /** Until when a host is to be left alone. */
  restOf(origin: string, now: Date): Date | undefined {
    const until = this.#rests.get(origin);
    return until !== undefined && until > now.getTime() ? new Date(until) : undefined;
  }

  rememberRest(origin: string, until: Date): void {
    this.#rests.set(origin, until.getTime());
  }

  /** The state to save; what is over is left out. */
  save(now: Date): WebState {
    const at = now.getTime();
    return {
      rules: this.#rules,
      pages: [...this.#pages.values()],
      robots: [...this.#robots.values()].filter(({ expiresAt }) => expiresAt > at),
      rests: [...this.#rests].filter(([, until]) => until > at).map(([origin, until]) => ({ origin, until })),
    };
  }
}
