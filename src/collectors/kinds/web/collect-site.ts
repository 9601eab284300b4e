import { PermanentError } from '../../../domain/job-errors.ts';
import type { CollectedItem } from '../../collector.ts';
import { toDocumentItem } from './article.ts';
import { collectLinkedPages, type ListOutcome } from './collect-linked-pages.ts';
import { loadPage } from './load-page.ts';
import { toPartFailure, type SiteContext } from './polite-client.ts';
import type { PageReading, Wanted } from './read-page.ts';
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
  const { client, signal, now } = context;
  try {
    const lists = context.state.pagesReadBy(site);
    const problem = lists.problemOf(site.url, now());
    if (problem !== undefined) {
      // Another attempt of the same run: nothing is requested or counted again.
      const error = new PermanentError('source_settings', problem);
      yield { ...part, status: 'failed', note: problem, error };
      return;
    }
    const last = lists.get(site.url);
    const response = await client.fetchPage(new URL(site.url), last);
    if (response === undefined || response.notModified) {
      lists.remember(site.url, last ?? {}, 0, now());
      yield { ...part, status: 'unchanged', note: 'The list page has not changed.' };
      return;
    }
    const page = await loadPage(response, wantedOf(site), signal);
    const outcome =
      site.take === 'linked-pages'
        ? yield* collectLinkedPages(site, page, response.url, context)
        : yield* itemsOfList(site, page, response.url, context);
    // A list page in the state is not read again until it changes, so all of its items must have been collected.
    if (outcome === 'complete') lists.remember(site.url, response.validators, 0, now());
    else if (outcome === 'incomplete') lists.forget(site.url);
    else lists.rememberProblem(site.url, outcome.problem, now());
  } catch (error) {
    const failure = toPartFailure(error);
    yield { ...part, status: 'failed', note: failure.message, error: failure };
  }
}

/** What is read on the list page of a site. */
function wantedOf(site: WebSite): Wanted {
  switch (site.take) {
    case 'linked-pages':
      return { type: 'links', link: site.link };
    case 'list-items':
      return { type: 'items', item: site.item, link: site.link, fields: site.fields };
    case 'json-ld':
      return { type: 'json-ld' };
  }
}

/** Yields the items of a list page, then the result of the part. */
function* itemsOfList(
  site: Exclude<WebSite, { take: 'linked-pages' }>,
  { articles, directives, unmatched, description, leftOut }: PageReading,
  url: URL,
  { dateOrder }: SiteContext,
): Generator<CollectedItem<WebState>, ListOutcome> {
  const part = { type: 'part', name: siteName(site) } as const;
  const { noIndex, isReserved } = directives;
  if (noIndex || isReserved) {
    const note = isReserved
      ? 'The site reserves text and data mining.'
      : 'The page asks not to be stored (noindex).';
    yield { ...part, status: 'skipped', note };
    return 'incomplete';
  }
  const options = { site: part.name, language: site.language, dateOrder, needsText: site.take === 'json-ld' };
  const items = articles.map((article) => toDocumentItem(article, options));
  yield* items;
  if (!items.some(({ type }) => type === 'document')) {
    const problem = unmatched.join('; ') || `None of ${String(items.length)} items is complete`;
    const note = `${problem}: ${url.href}. ${description} ${MAY_HAVE_CHANGED}`;
    const error = new PermanentError('source_settings', note);
    yield { ...part, status: 'failed', items: items.length, note, error };
    return { problem: note };
  }
  const note = leftOut === 0 ? {} : { note: `${String(leftOut)} further items were left out.` };
  yield { ...part, status: 'success', items: items.length, ...note };
  return 'complete';
}
