import type { JobError } from '../../../domain/job-errors.ts';
import type { FoundDocument, RejectedItem } from '../../collector.ts';
import { documentOf } from './article.ts';
import { readHtmlPage, type HtmlPage } from './html-page.ts';
import { jsonLdArticles } from './json-ld.ts';
import { selectArticle } from './select-article.ts';
import { nameOfSite, type WebSite } from './settings.ts';
import { failureOfPart } from './site-failures.ts';
import type { SiteRun } from './site-run.ts';

/** A site whose list links to the pages of its items. */
export type LinkedSite = Extract<WebSite, { take: 'linked-pages' }>;

/** How the reading of one page went. */
export type ItemPage =
  | { readonly type: 'unchanged' }
  | { readonly type: 'failed'; readonly error: JobError }
  | {
      readonly type: 'read';
      readonly found: FoundDocument | RejectedItem;
      /** The selectors found nothing on it. */
      readonly isUnmatched: boolean;
    };

/** A page is asked whether it changed at least so often, however long it says it stays the same. */
const LONGEST_FRESH_MS = 7 * 24 * 3_600_000;

/**
 * Reads the page of one item. What will not change by itself (a missing, forbidden or too large page) is a rejected
 * item, what may come another time a failure.
 * @throws InterruptedError when the run is to stop
 */
export async function readItemPage(site: LinkedSite, link: URL, run: SiteRun): Promise<ItemPage> {
  const { client, memory, now } = run;
  const known = memory.pageOf(link.href);
  try {
    const answer = await client.fetchPage(link, known);
    const freshForMs = Math.min(answer.freshForMs ?? 0, LONGEST_FRESH_MS);
    if (answer.notModified) {
      memory.rememberPage(link.href, { ...known, ...answer.validators }, freshForMs, now());
      return { type: 'unchanged' };
    }
    const page = await readHtmlPage(answer);
    const found = refusalOf(page, link) ?? articleOf(site, page, link);
    const isUnmatched = found.type === 'rejected' && found.reason.startsWith('no_');
    // Else the page would be `unchanged` next time, and nobody would see that nothing is found on it.
    if (!isUnmatched) memory.rememberPage(link.href, answer.validators, freshForMs, now());
    return { type: 'read', found, isUnmatched };
  } catch (thrown) {
    const error = failureOfPart(thrown);
    if (error.outcome !== 'permanent') return { type: 'failed', error };
    const found = { type: 'rejected', reason: error.errorClass, detail: error.message } as const;
    return { type: 'read', found, isUnmatched: false };
  }
}

function refusalOf({ directives }: HtmlPage, link: URL): RejectedItem | undefined {
  if (directives.isReserved) return { type: 'rejected', reason: 'tdm_reserved', detail: link.href };
  return directives.noIndex ? { type: 'rejected', reason: 'noindex', detail: link.href } : undefined;
}

function articleOf(site: LinkedSite, page: HtmlPage, link: URL): FoundDocument | RejectedItem {
  const { fields } = site;
  const article = fields === undefined ? jsonLdArticles(page)[0] : selectArticle(page, fields, link);
  if (article === undefined) return { type: 'rejected', reason: 'no_article', detail: link.href };
  // The page is the item, whatever address it gives itself.
  return documentOf(
    { ...article, url: link },
    {
      site: nameOfSite(site),
      language: site.language,
      needsText: fields === undefined || fields.text !== undefined,
    },
  );
}
