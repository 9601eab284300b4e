import { hash } from 'node:crypto';
import { z } from 'zod';
import { definedFields } from '../../../domain/defined-fields.ts';
import type { Validators } from '../../../runtime/http-client/http-client.ts';
import type { WebSettings } from './settings.ts';

/** Only the last requested pages are kept, because each run stores a copy of the state. */
const MAX_PAGES = 1000;

const pageSchema = z.object({
  url: z.string(),
  etag: z.string().exactOptional(),
  lastModified: z.string().exactOptional(),
  checkedAt: z.number(),
  /** Not requested again before this time. */
  freshUntil: z.number(),
});

const robotsSchema = z.object({
  origin: z.string(),
  /** Empty: everything is allowed. */
  text: z.string(),
  expiresAt: z.number(),
});

/** The state between two runs. Times are milliseconds since 1970. */
export const webStateSchema = z.object({
  /** A digest of the settings of the sites: when it changes, all pages are requested again. */
  rules: z.string(),
  pages: z.array(pageSchema),
  robots: z.array(robotsSchema),
  /** Origins that asked for a pause. */
  rests: z.array(z.object({ origin: z.string(), until: z.number() })),
});

export type WebState = z.infer<typeof webStateSchema>;
type PageState = z.infer<typeof pageSchema>;
type RobotsState = z.infer<typeof robotsSchema>;

/** The pages, robots.txt rules and pauses that are known during a run. */
export class CrawlState {
  readonly #rules: string;
  readonly #pages: Map<string, PageState>;
  readonly #robots: Map<string, RobotsState>;
  readonly #pauses: Map<string, number>;

  constructor(settings: WebSettings, state: WebState | undefined) {
    this.#rules = hash('sha256', JSON.stringify(settings.sites)).slice(0, 16);
    const pages = state?.rules === this.#rules ? state.pages : [];
    this.#pages = new Map(pages.map((page) => [page.url, page]));
    this.#robots = new Map((state?.robots ?? []).map((robots) => [robots.origin, robots]));
    this.#pauses = new Map((state?.rests ?? []).map(({ origin, until }) => [origin, until]));
  }

  pageOf(url: string): PageState | undefined {
    return this.#pages.get(url);
  }

  /** Records a page that was read completely or has not changed. */
  rememberPage(url: string, validators: Validators, freshForMs: number, now: Date): void {
    const checkedAt = now.getTime();
    const { etag, lastModified } = validators;
    const page = definedFields({ url, etag, lastModified, checkedAt, freshUntil: checkedAt + freshForMs });
    // Keeps the map in the order of requests, so that the oldest pages are removed first.
    this.#pages.delete(url);
    this.#pages.set(url, page);
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= MAX_PAGES) break;
      this.#pages.delete(oldest);
    }
  }

  /** The next run requests the page unconditionally. */
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

  /** The end of the pause that the origin asked for, while it lasts. */
  pausedUntil(origin: string, now: Date): Date | undefined {
    const until = this.#pauses.get(origin);
    return until !== undefined && until > now.getTime() ? new Date(until) : undefined;
  }

  rememberPause(origin: string, until: Date): void {
    this.#pauses.set(origin, until.getTime());
  }

  /** The state to save, without expired entries. */
  save(now: Date): WebState {
    const at = now.getTime();
    return {
      rules: this.#rules,
      pages: [...this.#pages.values()],
      robots: [...this.#robots.values()].filter(({ expiresAt }) => expiresAt > at),
      rests: [...this.#pauses]
        .filter(([, until]) => until > at)
        .map(([origin, until]) => ({ origin, until })),
    };
  }
}
