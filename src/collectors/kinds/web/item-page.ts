import type { HttpResponse } from '../../../runtime/http-client/http-client.ts';
import type { DocumentItem, RejectedItem } from '../../collector.ts';
import { toDocumentItem } from './article.ts';
import { loadPage } from './load-page.ts';
import type { PagesReadBy, SamePage } from './known-pages.ts';
import type { PageIdentities } from './page-identity.ts';
import { toPartFailure, type SiteContext } from './polite-client.ts';
import type { PageReading } from './read-page.ts';
import { siteName, type WebSite } from './settings.ts';

/** A site whose list page links to the pages of its items. */
export type LinkedSite = Extract<WebSite, { take: 'linked-pages' }>;

/** All pages of a list. */
export interface LinkedPages {
  /** In canonical form. */
  readonly links: ReadonlySet<string>;
  readonly identities: PageIdentities;
  readonly known: PagesReadBy;
}

/** A page is requested again after this time, even if it declares a longer freshness. */
const MAX_FRESH_MS = 7 * 24 * 3_600_000;

/**
 * Reads the page of one item. A permanent error (a missing, forbidden or too large page) makes a rejected item, any other
 * error a failure. `unmatched` is what the selectors of the settings do not find, and what the page has; empty if they do.
 * @throws InterruptedError
 */
export async function readItemPage(
  site: LinkedSite,
  link: URL,
  { links, identities, known }: LinkedPages,
  context: SiteContext,
) {
  const { client, signal, now } = context;
  const last = known.get(link.href);
  const remember = (response: Pick<HttpResponse, 'validators' | 'freshForMs'>, same: SamePage) => {
    const freshForMs = Math.min(response.freshForMs ?? 0, MAX_FRESH_MS);
    known.remember(link.href, response.validators, freshForMs, now(), same);
  };
  try {
    let duplicateOf: string | undefined;
    const response = await client.fetchPage(link, last, (target) => {
      duplicateOf = identities.duplicateAt(link.href, target, links);
      return duplicateOf === undefined;
    });
    if (response === undefined) {
      remember({ validators: {}, freshForMs: undefined }, { duplicateOf });
      return { type: 'duplicate' } as const;
    }
    if (response.notModified) {
      remember({ ...response, validators: { ...last, ...response.validators } }, last ?? {});
      identities.noteRead(link.href);
      return { type: 'unchanged' as const };
    }
    const page = await loadPage(response, { type: 'article', fields: site.fields }, signal);
    const refused = refusalOf(page, link);
    if (refused !== undefined) {
      remember(response, {});
      return { type: 'read' as const, item: refused, unmatched: '' };
    }
    const [article] = page.articles;
    const { canonical } = page;
    const urls = { link: link.href, final: response.url, canonical, title: article?.title ?? '' };
    const identity = identities.identify(urls, links);
    if (identity.type === 'duplicate') {
      remember(response, identity);
      return identity;
    }
    const item = articleOf(site, page, identity.url, context);
    const unmatched = page.unmatched.length === 0 ? '' : `${page.unmatched.join('; ')}. ${page.description}`;
    // An unmatched page is requested unconditionally the next time: as `unchanged` the problem would go unnoticed.
    if (unmatched === '') remember(response, { canonical: identity.canonical });
    else known.rememberProblem(link.href, unmatched, now());
    return { type: 'read' as const, item, unmatched };
  } catch (thrown) {
    const error = toPartFailure(thrown);
    if (error.outcome !== 'permanent') return { type: 'failed' as const, error };
    const item = { type: 'rejected', reason: error.errorClass, detail: error.message } as const;
    return { type: 'read' as const, item, unmatched: '' };
  }
}

function refusalOf({ directives }: PageReading, link: URL): RejectedItem | undefined {
  if (directives.isReserved) return { type: 'rejected', reason: 'tdm_reserved', detail: link.href };
  return directives.noIndex ? { type: 'rejected', reason: 'noindex', detail: link.href } : undefined;
}

function articleOf(
  site: LinkedSite,
  { articles: [article] }: PageReading,
  url: string,
  { dateOrder }: SiteContext,
): DocumentItem | RejectedItem {
  const { fields } = site;
  if (article === undefined) return { type: 'rejected', reason: 'no_text', detail: url };
  const needsText = fields === undefined || fields.text !== undefined;
  return toDocumentItem(
    { ...article, url },
    { site: siteName(site), language: site.language, dateOrder, needsText },
  );
}
