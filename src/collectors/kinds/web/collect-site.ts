import type { Found, FoundDocument, PartResult, RejectedItem } from '../../collector.ts';
import { documentOf, type Article } from './article.ts';
import { collectLinkedPages } from './collect-linked-pages.ts';
import { readHtmlPage, type HtmlPage } from './html-page.ts';
import { jsonLdArticles } from './json-ld.ts';
import { selectArticle } from './select-article.ts';
import { nameOfSite, type WebSite } from './settings.ts';
import { failureOfPart, MAY_HAVE_CHANGED } from './site-failures.ts';
import type { SiteRun } from './site-run.ts';
import type { WebState } from './state.ts';

/**
 * Collects one site: reads its list, then what the list leads to. A failure is the result of the part.
 * @throws InterruptedError when the run is to stop
 */
export async function* collectSite(site: WebSite, run: SiteRun): AsyncGenerator<Found<WebState>> {
  const part = { type: 'part', name: nameOfSite(site) } as const;
  try {
    const url = new URL(site.url);
    const known = run.memory.pageOf(site.url);
    const answer = await run.client.fetchPage(url, known);
    if (answer.notModified) {
      run.memory.rememberPage(site.url, known ?? {}, 0, run.now());
      yield { ...part, status: 'unchanged', note: 'The list has not changed.' };
      return;
    }
    const page = await readHtmlPage(answer);
    let isComplete: boolean;
    if (site.take === 'linked-pages') {
      isComplete = yield* collectLinkedPages(site, page, run);
    } else {
      const result = itemsOfList(site, page);
      yield* result.items;
      yield result.part;
      isComplete = result.part.status === 'success';
    }
    // A list that is kept as read hides its items until it changes: all of them must have been taken.
    if (isComplete) run.memory.rememberPage(site.url, answer.validators, 0, run.now());
    else run.memory.forgetPage(site.url);
  } catch (error) {
    const failure = failureOfPart(error);
    yield { ...part, status: 'failed', note: failure.message, error: failure };
  }
}

interface ListResult {
  readonly items: (FoundDocument | RejectedItem)[];
  readonly part: PartResult;
}

function itemsOfList(site: Exclude<WebSite, { take: 'linked-pages' }>, page: HtmlPage): ListResult {
  const part = { type: 'part', name: nameOfSite(site) } as const;
  const { noIndex, isReserved } = page.directives;
  if (noIndex || isReserved) {
    const note = isReserved
      ? 'The site reserves text and data mining.'
      : 'The page asks not to be kept (noindex).';
    return { items: [], part: { ...part, status: 'skipped', note } };
  }
  const articles = site.take === 'json-ld' ? jsonLdArticles(page) : listedArticles(site, page);
  if (articles.length === 0) {
    const what =
      site.take === 'json-ld' ? 'It has no article as JSON-LD' : `\`${site.item}\` matches nothing`;
    return {
      items: [],
      part: { ...part, status: 'failed', note: `${what}: ${page.url.href}. ${MAY_HAVE_CHANGED}` },
    };
  }
  const rule = { site: part.name, language: site.language, needsText: site.take === 'json-ld' };
  const items = articles.map((article) => documentOf(article, rule));
  const taken = items.filter(({ type }) => type === 'document').length;
  if (taken === 0) {
    const note = `None of ${String(items.length)} items has what the selectors look for. ${MAY_HAVE_CHANGED}`;
    return { items, part: { ...part, status: 'failed', items: items.length, note } };
  }
  return { items, part: { ...part, status: 'success', items: items.length } };
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
