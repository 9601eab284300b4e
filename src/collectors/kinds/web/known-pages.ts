import { z } from 'zod';
import { definedFields } from '../../../domain/defined-fields.ts';
import type { Validators } from '../../../runtime/http-client/http-client.ts';

/**
 * A page on which a selector matched nothing is left alone for so long: the attempts and rounds of one run are over by
 * then. New selectors are tried at once.
 */
const PROBLEM_REST_MS = 3_600_000;
const MAX_PROBLEM_CHARACTERS = 300;

export const knownPageSchema = z.object({
  /** A digest of the settings by which it was read: with others it is a page that was never read. */
  rules: z.string(),
  url: z.string(),
  etag: z.string().exactOptional(),
  lastModified: z.string().exactOptional(),
  checkedAt: z.number(),
  /** Not requested again before this time. */
  freshUntil: z.number(),
  /** Which selectors matched nothing on the page: it is requested unconditionally the next time. */
  problem: z.string().exactOptional(),
  /** Another URL that the page declares as its own, and a digest of the title under which it was collected. */
  canonical: z.object({ url: z.string(), title: z.string() }).exactOptional(),
  /** The page that it was found to be, which is collected under its own URL. */
  duplicateOf: z.string().exactOptional(),
});

export type KnownPage = z.infer<typeof knownPageSchema>;

/** What is known of a page and others with the same content. */
export interface SamePage {
  readonly canonical?: KnownPage['canonical'];
  readonly duplicateOf?: string | undefined;
}

/** All pages that were read, in the order of the last requests, the oldest first. */
export type KnownPages = Map<string, KnownPage>;

export function pageKey({ rules, url }: Pick<KnownPage, 'rules' | 'url'>): string {
  return `${rules} ${url}`;
}

/** The pages that were read by the same rules. */
export function pagesReadBy(rules: string, pages: KnownPages) {
  const get = (url: string): KnownPage | undefined => pages.get(pageKey({ rules, url }));

  function add(page: KnownPage): void {
    pages.delete(pageKey(page));
    pages.set(pageKey(page), page);
  }

  return {
    get,

    /** Those that declare this URL as their own although they have another. */
    naming: (canonical: string) =>
      [...pages.values()].filter((page) => page.rules === rules && page.canonical?.url === canonical),

    /** The problem of a page that is left alone now. */
    problemOf(url: string, now: Date): string | undefined {
      const page = get(url);
      return page !== undefined && page.freshUntil > now.getTime() ? page.problem : undefined;
    },

    /** Records a page that was read completely or has not changed. */
    remember(
      url: string,
      { etag, lastModified }: Validators,
      freshForMs: number,
      now: Date,
      { canonical, duplicateOf }: SamePage = {},
    ): void {
      const checkedAt = now.getTime();
      const freshUntil = checkedAt + freshForMs;
      add(definedFields({ rules, url, etag, lastModified, checkedAt, freshUntil, canonical, duplicateOf }));
    },

    /** Records a page on which a selector matched nothing, or a list of such pages. */
    rememberProblem(url: string, problem: string, now: Date): void {
      const checkedAt = now.getTime();
      const freshUntil = checkedAt + PROBLEM_REST_MS;
      add({ rules, url, checkedAt, freshUntil, problem: problem.slice(0, MAX_PROBLEM_CHARACTERS) });
    },

    /** The next run requests the page unconditionally. */
    forget(url: string): void {
      pages.delete(pageKey({ rules, url }));
    },
  };
}

export type PagesReadBy = ReturnType<typeof pagesReadBy>;
