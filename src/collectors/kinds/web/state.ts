import { hash } from 'node:crypto';
import { z } from 'zod';
import { knownPageSchema, pageKey, pagesReadBy, type PagesReadBy } from './known-pages.ts';

/** Only the last requested pages are kept, because each run stores a copy of the state. */
const MAX_PAGES = 1000;

/** The state between two runs. Times are milliseconds since 1970. */
export const webStateSchema = z.object({
  /** The oldest requests first. */
  pages: z.array(knownPageSchema),
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
export function createCrawlState(saved: WebState | undefined) {
  const pages = new Map((saved?.pages ?? []).map((page) => [pageKey(page), page]));
  const robots = new Map((saved?.robots ?? []).map((each) => [each.origin, each]));
  const pauses = new Map((saved?.rests ?? []).map(({ origin, until }) => [origin, until]));

  return {
    /**
     * The pages that were read by these settings. A page that two sites read by different settings is another page for
     * each: what the one has read is not unchanged for the other.
     */
    pagesReadBy: (settings: object): PagesReadBy =>
      pagesReadBy(hash('sha256', JSON.stringify(settings)).slice(0, 16), pages),

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
        pages: [...pages.values()].slice(-MAX_PAGES),
        robots: [...robots.values()].filter(({ expiresAt }) => expiresAt > at),
        rests: rests.filter(({ until }) => until > at),
      };
    },
  };
}

export type CrawlState = ReturnType<typeof createCrawlState>;
