import type { DocumentItem, RejectedItem } from '../../collector.ts';
import { toDocumentItem } from './article.ts';
import { readHtmlPage, type HtmlPage } from './html-page.ts';
import { jsonLdArticles } from './json-ld.ts';
import { toPartFailure, type SiteContext } from './polite-client.ts';
import { selectArticle } from './select-article.ts';
import { siteName, type WebSite } from './settings.ts';

/** A site whose list page links to the pages of its items. */
export type LinkedSite = Extract<WebSite, { take: 'linked-pages' }>;

/** A page is requested again after this time, even if it declares a longer freshness. */
const MAX_FRESH_MS = 7 * 24 * 3_600_000;

/**
 * Reads the page of one item. A permanent error (a missing, forbidden or too large page) makes a rejected item, any other
 * error a failure. `isUnmatched` means that the selectors matched nothing.
 * @throws InterruptedError
 */
export async function readItemPage(site: LinkedSite, link: URL, context: SiteContext) {
  const { client, state, now } = context;
  const known = state.pageOf(link.href);
  try {
    const response = await client.fetchPage(link, known);
    const freshForMs = Math.min(response.freshForMs ?? 0, MAX_FRESH_MS);
    if (response.notModified) {
      state.rememberPage(link.href, { ...known, ...response.validators }, freshForMs, now());
      return { type: 'unchanged' as const };
    }
    const page = await readHtmlPage(response);
    const item = refusalOf(page, link) ?? articleOf(site, page, link);
    const isUnmatched = item.type === 'rejected' && item.reason.startsWith('no_');
    // An unmatched page is not saved: it would be `unchanged` next time, and the problem would go unnoticed.
    if (!isUnmatched) state.rememberPage(link.href, response.validators, freshForMs, now());
    return { type: 'read' as const, item, isUnmatched };
  } catch (thrown) {
    const error = toPartFailure(thrown);
    if (error.outcome !== 'permanent') return { type: 'failed' as const, error };
    const item = { type: 'rejected', reason: error.errorClass, detail: error.message } as const;
    return { type: 'read' as const, item, isUnmatched: false };
  }
}

function refusalOf({ directives }: HtmlPage, link: URL): RejectedItem | undefined {
  if (directives.isReserved) return { type: 'rejected', reason: 'tdm_reserved', detail: link.href };
  return directives.noIndex ? { type: 'rejected', reason: 'noindex', detail: link.href } : undefined;
}

function articleOf(site: LinkedSite, page: HtmlPage, link: URL): DocumentItem | RejectedItem {
  const { fields } = site;
  const article = fields === undefined ? jsonLdArticles(page)[0] : selectArticle(page, fields, link);
  if (article === undefined) return { type: 'rejected', reason: 'no_article', detail: link.href };
  // The URL is that of the link, whatever URL the page declares.
  return toDocumentItem(
    { ...article, url: link },
    {
      site: siteName(site),
      language: site.language,
      needsText: fields === undefined || fields.text !== undefined,
    },
  );
}
