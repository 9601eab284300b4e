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

/** The state between two runs. Times are milliseconds since 1970. */
export const webStateSchema = z.object({
  /** A digest of the settings of the sites: when it changes, all pages are requested again. */
  rules: z.string(),
  pages: z.array(pageSchema),
  robots: z.array(
    z.object({
      origin: z.string(),
      /** Empty: everything is allowed. */
      text: z.string(),
      expiresAt: z.number(),
    }),
  ),
  /** Origins that asked for a pause. */
  rests: z.array(z.object({ origin: z.string(), until: z.number() })),
});

export type WebState = z.infer<typeof webStateSchema>;

/** The pages, robots.txt rules and pauses that are known during a run. */
export function createCrawlState(settings: WebSettings, saved: WebState | undefined) {
  const rules = hash('sha256', JSON.stringify(settings.sites)).slice(0, 16);
  const savedPages = saved?.rules === rules ? saved.pages : [];
  const pages = new Map(savedPages.map((page) => [page.url, page]));
  const robots = new Map((saved?.robots ?? []).map((each) => [each.origin, each]));
  const pauses = new Map((saved?.rests ?? []).map(({ origin, until }) => [origin, until]));

  return {
    pageOf: (url: string) => pages.get(url),

    /** Records a page that was read completely or has not changed. */
    rememberPage(url: string, validators: Validators, freshForMs: number, now: Date): void {
      const checkedAt = now.getTime();
      const { etag, lastModified } = validators;
      const page = definedFields({ url, etag, lastModified, checkedAt, freshUntil: checkedAt + freshForMs });
      // Keeps the map in the order of requests, so that the oldest pages are removed first.
      pages.delete(url);
      pages.set(url, page);
      for (const oldest of pages.keys()) {
        if (pages.size <= MAX_PAGES) break;
        pages.delete(oldest);
      }
    },

    /** The next run requests the page unconditionally. */
    forgetPage(url: string): void {
      pages.delete(url);
    },

    robotsOf(origin: string, now: Date): string | undefined {
      const known = robots.get(origin);
      return known !== undefined && known.expiresAt > now.getTime() ? known.text : undefined;
    },

    rememberRobots(origin: string, text: string, expiresAt: number): void {
      robots.set(origin, { origin, text, expiresAt });
    },

    /** The end of the pause that the origin asked for, while it lasts. */
    pausedUntil(origin: string, now: Date): Date | undefined {
      const until = pauses.get(origin);
      return until !== undefined && until > now.getTime() ? new Date(until) : undefined;
    },

    rememberPause(origin: string, until: Date): void {
      pauses.set(origin, until.getTime());
    },

    /** The state to save, without expired entries. */
    save(now: Date): WebState {
      const at = now.getTime();
      const rests = [...pauses].map(([origin, until]) => ({ origin, until }));
      return {
        rules,
        pages: [...pages.values()],
        robots: [...robots.values()].filter(({ expiresAt }) => expiresAt > at),
        rests: rests.filter(({ until }) => until > at),
      };
    },
  };
}

export type CrawlState = ReturnType<typeof createCrawlState>;
