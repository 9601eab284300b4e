import { PermanentError } from '../../../domain/job-errors.ts';
import type { CollectedItem } from '../../collector.ts';
import { canonicalUrl } from '../../canonical-form.ts';
import { readItemPage, type LinkedSite } from './item-page.ts';
import type { PagesReadBy } from './known-pages.ts';
import { isWrongSetting, resultOf, type PageCounts } from './page-counts.ts';
import { createPageIdentities } from './page-identity.ts';
import type { SiteContext } from './polite-client.ts';
import type { PageReading } from './read-page.ts';
import { MAY_HAVE_CHANGED, siteName } from './settings.ts';
import type { WebState } from './state.ts';

/** The delays of one site take at most this long in one run; a site with a long crawl delay needs several runs. */
const MAX_TOTAL_DELAY_MS = 30 * 60_000;
const PAGES_PER_CHECKPOINT = 10;
/** After this many failed pages in a row, the remaining pages are left for the next run. */
const MAX_FAILURES_IN_A_ROW = 3;

/** What the list page is for the next run: read completely, to be read again, or not before its selectors change. */
export type ListOutcome = 'complete' | 'incomplete' | { readonly problem: string };

/**
 * Collects the pages that a list page links to, never requested pages first, then the least recently requested ones.
 * @param listUrl after redirects
 */
export async function* collectLinkedPages(
  site: LinkedSite,
  list: PageReading,
  listUrl: URL,
  context: SiteContext,
): AsyncGenerator<CollectedItem<WebState>, ListOutcome> {
  const { client, state, budget, now } = context;
  const part = { type: 'part', name: siteName(site) } as const;
  if (list.directives.noFollow || list.directives.isReserved) {
    yield { ...part, status: 'skipped', note: 'The list page asks programs not to follow its links.' };
    return 'incomplete';
  }
  if (list.unmatched.length > 0) {
    const note = `${list.unmatched.join('; ')}: ${listUrl.href}. ${list.description} ${MAY_HAVE_CHANGED}`;
    yield { ...part, status: 'failed', items: 0, note, error: new PermanentError('source_settings', note) };
    return { problem: note };
  }
  const links = [...new Set(list.links.map(canonicalUrl))].map((link) => new URL(link));
  const own = links.filter((link) => link.host === listUrl.host);
  for (const link of links) {
    if (link.host !== listUrl.host) yield { type: 'rejected', reason: 'other_host', detail: link.href };
  }
  const known = state.pagesReadBy({ fields: site.fields ?? null });
  const identities = createPageIdentities(known);
  const linked = { links: new Set(own.map(({ href }) => href)), identities, known };
  const { due, settled } = pagesToFetch(own, known, now());
  for (const url of settled.unchangedUrls) identities.noteRead(url);
  const maxByDelay = Math.floor(MAX_TOTAL_DELAY_MS / Math.max(1, await client.delayMsOf(listUrl)));
  const chosen = due.slice(0, Math.max(0, Math.min(budget.left, maxByDelay)));
  const counts: PageCounts = {
    items: links.length - own.length,
    documents: 0,
    matched: 0,
    unmatched: settled.problems.length,
    unchanged: settled.unchangedUrls.length,
    problem: settled.problems[0] ?? '',
    duplicates: 0,
    failed: 0,
    waiting: due.length,
    leftOut: list.leftOut,
    lastError: undefined,
  };
  let failedInARow = 0;
  for (const [index, link] of chosen.entries()) {
    budget.left -= 1;
    counts.waiting -= 1;
    const page = await readItemPage(site, link, linked, context);
    if (page.type === 'failed') {
      const { error } = page;
      counts.failed += 1;
      counts.lastError = error;
      failedInARow += 1;
      yield { type: 'part', name: link.href, status: 'failed', note: error.message, error };
      // The host asked for a pause or does not respond.
      if (error.outcome === 'later' || failedInARow >= MAX_FAILURES_IN_A_ROW) break;
      continue;
    }
    failedInARow = 0;
    if (page.type === 'unchanged') {
      counts.unchanged += 1;
    } else if (page.type === 'duplicate') {
      counts.items += 1;
      counts.duplicates += 1;
      yield { type: 'duplicate' };
    } else {
      counts.items += 1;
      if (page.item.type === 'document') counts.documents += 1;
      if (page.unmatched !== '') {
        counts.unmatched += 1;
        counts.problem ||= `${link.href}: ${page.unmatched}`;
      } else if (page.item.type === 'document') counts.matched += 1;
      yield page.item;
    }
    if ((index + 1) % PAGES_PER_CHECKPOINT === 0) yield { type: 'checkpoint', state: state.save(now()) };
  }
  const result = resultOf(counts);
  yield { ...part, ...result };
  if (counts.failed > 0 || counts.waiting > 0) return 'incomplete';
  if (isWrongSetting(counts)) return { problem: result.note ?? '' };
  return result.status === 'failed' ? 'incomplete' : 'complete';
}

/** The pages that are not fresh: never requested ones first, then the least recently requested ones; and the others. */
function pagesToFetch(links: readonly URL[], known: PagesReadBy, now: Date) {
  const due: { readonly link: URL; readonly checkedAt: number }[] = [];
  const unchangedUrls: string[] = [];
  const problems: string[] = [];
  for (const link of links) {
    const { href } = link;
    const page = known.get(href);
    const problem = known.problemOf(href, now);
    if (problem !== undefined) problems.push(`${href}: ${problem}`);
    else if (page !== undefined && page.freshUntil > now.getTime()) {
      unchangedUrls.push(href);
    } else due.push({ link, checkedAt: page?.checkedAt ?? 0 });
  }
  due.sort((a, b) => a.checkedAt - b.checkedAt);
  return { due: due.map(({ link }) => link), settled: { unchangedUrls, problems } };
}
