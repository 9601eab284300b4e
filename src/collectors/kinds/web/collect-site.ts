import type { CollectedItem } from '../../collector.ts';
import { toDocumentItem, type Article } from './article.ts';
import { collectLinkedPages } from './collect-linked-pages.ts';
import { readHtmlPage, type HtmlPage } from './html-page.ts';
import { jsonLdArticles } from './json-ld.ts';
import { toPartFailure, type SiteContext } from './polite-client.ts';
import { selectArticle } from './select-article.ts';
import { MAY_HAVE_CHANGED, siteName, type WebSite } from './settings.ts';
import type { WebState } from './state.ts';

/**
 * Collects one site: reads its list page, then the items. A failure becomes the result of the part.
 * @throws InterruptedError
 */
export async function* collectSite(
  site: WebSite,
  context: SiteContext,
): AsyncGenerator<CollectedItem<WebState>> {
  const part = { type: 'part', name: siteName(site) } as const;
  const { client, state, now } = context;
  try {
    const url = new URL(site.url);
    const known = state.pageOf(site.url);
    const response = await client.fetchPage(url, known);
    if (response.notModified) {
      state.rememberPage(site.url, known ?? {}, 0, now());
      yield { ...part, status: 'unchanged', note: 'The list page has not changed.' };
      return;
    }
    const page = await readHtmlPage(response);
    const isComplete =
      site.take === 'linked-pages'
        ? yield* collectLinkedPages(site, page, context)
        : yield* itemsOfList(site, page);
    // A list page in the state is not read again until it changes, so all of its items must have been collected.
    if (isComplete) state.rememberPage(site.url, response.validators, 0, now());
    else state.forgetPage(site.url);
  } catch (error) {
    const failure = toPartFailure(error);
    yield { ...part, status: 'failed', note: failure.message, error: failure };
  }
}

/** Yields the items of a list page, then the result of the part. @returns whether it is a success */
function* itemsOfList(
  site: Exclude<WebSite, { take: 'linked-pages' }>,
  page: HtmlPage,
): Generator<CollectedItem<WebState>, boolean> {
  const part = { type: 'part', name: siteName(site) } as const;
  const { noIndex, isReserved } = page.directives;
  if (noIndex || isReserved) {
    const note = isReserved
      ? 'The site reserves text and data mining.'
      : 'The page asks not to be stored (noindex).';
    yield { ...part, status: 'skipped', note };
    return false;
  }
  const isJsonLd = site.take === 'json-ld';
  const articles = isJsonLd ? jsonLdArticles(page) : listedArticles(site, page);
  if (articles.length === 0) {
    const problem = isJsonLd ? 'The page has no article as JSON-LD' : `\`${site.item}\` matches nothing`;
    yield { ...part, status: 'failed', note: `${problem}: ${page.url.href}. ${MAY_HAVE_CHANGED}` };
    return false;
  }
  const options = { site: part.name, language: site.language, needsText: isJsonLd };
  const items = articles.map((article) => toDocumentItem(article, options));
  yield* items;
  if (!items.some(({ type }) => type === 'document')) {
    const note = `The selectors match in none of ${String(items.length)} items. ${MAY_HAVE_CHANGED}`;
    yield { ...part, status: 'failed', items: items.length, note };
    return false;
  }
  yield { ...part, status: 'success', items: items.length };
  return true;
}

function listedArticles(site: Extract<WebSite, { take: 'list-items' }>, page: HtmlPage): Article[] {
  const { $ } = page;
  return $(site.item)
    .toArray()
    .map((element) => {
      const item = $(element);
      const link =
        site.link === undefined
          ? item.find('a[href]').addBack('a[href]')
          : item.find(site.link).addBack(site.link);
      return selectArticle(page, site.fields, page.resolve(link.first().attr('href')), item);
    });
}
