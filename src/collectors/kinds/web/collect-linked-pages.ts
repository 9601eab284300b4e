import { definedFields } from '../../../domain/defined-fields.ts';
import type { CollectedItem, PartResult } from '../../collector.ts';
import { canonicalUrl } from '../../canonical-form.ts';
import type { HtmlPage } from './html-page.ts';
import { readItemPage, type LinkedSite } from './item-page.ts';
import type { SiteContext } from './polite-client.ts';
import { MAY_HAVE_CHANGED, siteName } from './settings.ts';
import type { WebState } from './state.ts';

/** The delays of one site take at most this long in one run; a site with a long crawl delay needs several runs. */
const MAX_TOTAL_DELAY_MS = 30 * 60_000;
const PAGES_PER_CHECKPOINT = 10;
/** After this many failed pages in a row, the remaining pages are left for the next run. */
const MAX_FAILURES_IN_A_ROW = 3;

type PageCounts = Record<'items' | 'documents' | 'unmatched' | 'unchanged' | 'failed' | 'waiting', number>;

/**
 * Collects the pages that a list page links to, never requested pages first, then the least recently requested ones.
 * @returns whether all pages of the list were collected.
 */
export async function* collectLinkedPages(
  site: LinkedSite,
  list: HtmlPage,
  context: SiteContext,
): AsyncGenerator<CollectedItem<WebState>, boolean> {
  const { client, state, budget, now } = context;
  const part = { type: 'part', name: siteName(site) } as const;
  if (list.directives.noFollow || list.directives.isReserved) {
    yield { ...part, status: 'skipped', note: 'The list page asks programs not to follow its links.' };
    return false;
  }
  const links = linksOf(site, list);
  if (links.length === 0) {
    const note = `\`${site.link}\` matches no link: ${list.url.href}. ${MAY_HAVE_CHANGED}`;
    yield { ...part, status: 'failed', items: 0, note };
    return false;
  }
  const own = links.filter((link) => link.host === list.url.host);
  for (const link of links) {
    if (!own.includes(link)) yield { type: 'rejected', reason: 'other_host', detail: link.href };
  }
  const due = pagesToFetch(own, context);
  const maxByDelay = Math.floor(MAX_TOTAL_DELAY_MS / Math.max(1, await client.delayMsOf(list.url)));
  const chosen = due.slice(0, Math.max(0, Math.min(budget.left, maxByDelay)));
  const counts: PageCounts = {
    items: links.length - own.length,
    documents: 0,
    /** Pages on which the selectors matched nothing. */
    unmatched: 0,
    unchanged: own.length - due.length,
    failed: 0,
    /** Pages left for the next run. */
    waiting: due.length,
  };
  let failedInARow = 0;
  for (const [index, link] of chosen.entries()) {
    budget.left -= 1;
    counts.waiting -= 1;
    const page = await readItemPage(site, link, context);
    if (page.type === 'failed') {
      const { error } = page;
      counts.failed += 1;
      failedInARow += 1;
      yield { type: 'part', name: link.href, status: 'failed', note: error.message, error };
      // The host asked for a pause or does not respond.
      if (error.outcome === 'later' || failedInARow >= MAX_FAILURES_IN_A_ROW) break;
      continue;
    }
    failedInARow = 0;
    if (page.type === 'unchanged') {
      counts.unchanged += 1;
    } else {
      counts.items += 1;
      if (page.item.type === 'document') counts.documents += 1;
      if (page.isUnmatched) counts.unmatched += 1;
      yield page.item;
    }
    if ((index + 1) % PAGES_PER_CHECKPOINT === 0) yield { type: 'checkpoint', state: state.save(now()) };
  }
  const result = resultOf(counts);
  yield { ...part, ...result };
  return result.status !== 'failed' && counts.failed === 0 && counts.waiting === 0;
}

function resultOf(counts: PageCounts): Pick<PartResult, 'status' | 'items' | 'note'> {
  const { items, documents, unmatched, unchanged, failed, waiting } = counts;
  const isEmpty = documents === 0 && unchanged === 0;
  const isFailed = isEmpty && (unmatched > 0 || failed > 0);
  const status: PartResult['status'] = isFailed
    ? 'failed'
    : documents === 0 && unchanged > 0
      ? 'unchanged'
      : 'success';
  const notes: string[] = [];
  if (status === 'unchanged') notes.push(`${String(unchanged)} pages have not changed.`);
  if (isEmpty && failed > 0) notes.push(`${String(failed)} pages could not be read.`);
  if (unmatched > 0)
    notes.push(`The selectors match nothing on ${String(unmatched)} pages. ${MAY_HAVE_CHANGED}`);
  if (waiting > 0) notes.push(`${String(waiting)} pages are left for the next run.`);
  return definedFields({ status, items, note: notes.length === 0 ? undefined : notes.join(' ') });
}

/** The linked web pages without duplicates, in the order of the list. */
function linksOf(site: LinkedSite, list: HtmlPage): URL[] {
  const { $ } = list;
  const addresses = $(site.link)
    .toArray()
    .map((element) => $(element).attr('href') ?? $(element).find('a[href]').first().attr('href'))
    .flatMap((href) => list.resolve(href) ?? [])
    .map((url) => canonicalUrl(url.href));
  return [...new Set(addresses)].map((address) => new URL(address));
}

/** The pages that are not fresh: never requested ones first, then the least recently requested ones. */
function pagesToFetch(links: readonly URL[], { state, now }: SiteContext): URL[] {
  const at = now().getTime();
  return links
    .map((link) => ({ link, known: state.pageOf(link.href) }))
    .filter(({ known }) => known === undefined || known.freshUntil <= at)
    .sort((a, b) => (a.known?.checkedAt ?? 0) - (b.known?.checkedAt ?? 0))
    .map(({ link }) => link);
}
