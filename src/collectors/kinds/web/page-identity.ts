import { hash } from 'node:crypto';
import { definedFields } from '../../../domain/defined-fields.ts';
import { canonicalUrl, normalisedText, parseWebUrl } from '../../canonical-form.ts';
import type { KnownPage, PagesReadBy } from './known-pages.ts';

/** What a page is: another one that the source has, or one with a URL of its own. */
export type PageIdentity =
  | { readonly type: 'duplicate'; readonly duplicateOf: string }
  | { readonly type: 'page'; readonly url: string; readonly canonical?: KnownPage['canonical'] };

/** How a page was found, and what it says of itself. */
export interface PageUrls {
  /** The link that was followed, in canonical form. */
  readonly link: string;
  /** After redirects. */
  readonly final: URL;
  /** The URL that the page declares. */
  readonly canonical: string | undefined;
  readonly title: string;
}

/** More pages that are duplicates of each other in a row are not followed. */
const MAX_STEPS = 10;

/**
 * Recognises pages that a source already has under another URL. Create one per list.
 *
 * - A link that redirects to a page which is linked itself, known or already read is a duplicate; else the page has the
 *   URL to which the redirect leads.
 * - A page that names such a page as canonical is a duplicate. When the named page was never seen, the page keeps its own
 *   URL, and further pages with the same title that name it too are duplicates. Pages of a site that names one URL
 *   in all its pages by mistake have different titles and are kept.
 */
export function createPageIdentities(known: PagesReadBy) {
  /** Pages read in this run, by URL. */
  const read = new Set<string>();
  const duplicates = new Map<string, string>();

  /** Two pages may name each other: the one that came first gives way. */
  function givesWayTo(page: string, other: string): boolean {
    let at: string | undefined = page;
    for (let step = 0; at !== undefined && step < MAX_STEPS; step += 1) {
      at = duplicates.get(at) ?? known.get(at)?.duplicateOf;
      if (at === other) return true;
    }
    return false;
  }

  /** Whether there is a page of this URL, beside the one that was found by the link. */
  function isElsewhere(url: string, link: string, links: ReadonlySet<string>): boolean {
    if (url === link || givesWayTo(url, link)) return false;
    const page = known.get(url);
    const isCollected = page !== undefined && page.problem === undefined && page.duplicateOf === undefined;
    return read.has(url) || links.has(url) || isCollected;
  }

  return {
    /** Records that a page was read or has not changed. */
    noteRead: (url: string) => {
      read.add(url);
    },

    /** The page to which a redirect of the link leads, if the source has it. */
    duplicateAt: (link: string, target: URL, links: ReadonlySet<string>): string | undefined => {
      const url = canonicalUrl(target.href);
      return isElsewhere(url, link, links) ? url : undefined;
    },

    /** @param links all links of the list, in canonical form */
    identify({ link, final, canonical, title }: PageUrls, links: ReadonlySet<string>): PageIdentity {
      const url = canonicalUrl(final.href);
      const named = plausibleCanonical(canonical, final) ?? url;
      const duplicateOf = (page: string): PageIdentity => {
        duplicates.set(link, page);
        return { type: 'duplicate', duplicateOf: page };
      };
      if (read.has(url)) return duplicateOf(url);
      if (named !== url && isElsewhere(named, link, links)) return duplicateOf(named);
      const titleDigest = hash('sha256', normalisedText(title)).slice(0, 16);
      const [earlier] = known
        .naming(named)
        .filter((page) => page.url !== link && page.canonical?.title === titleDigest);
      if (earlier !== undefined && named !== url) return duplicateOf(earlier.url);
      read.add(url);
      // Known from a page that names this one: it is the same document.
      if (earlier !== undefined) return { type: 'page', url: earlier.url };
      const claim = named === url || named === link ? undefined : { url: named, title: titleDigest };
      return definedFields({ type: 'page' as const, url: named === link ? link : url, canonical: claim });
    },
  };
}

export type PageIdentities = ReturnType<typeof createPageIdentities>;

/** On the same host, and not its home page, which some sites name in all pages by mistake. */
function plausibleCanonical(canonical: string | undefined, page: URL): string | undefined {
  const url = parseWebUrl(canonical ?? '');
  if (url?.host !== page.host || (url.pathname === '/' && url.search === '')) return undefined;
  return canonicalUrl(url.href);
}
