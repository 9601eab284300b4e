import type { Found, PartResult } from '../../collector.ts';
import { canonicalUrl } from '../../identity-text.ts';
import type { HtmlPage } from './html-page.ts';
import { readItemPage, type LinkedSite } from './item-page.ts';
import { nameOfSite } from './settings.ts';
import { MAY_HAVE_CHANGED } from './site-failures.ts';
import type { SiteRun } from './site-run.ts';
import type { WebState } from './state.ts';

/** Pauses of one site may take so long in one run; a site with a long crawl delay is read over several. */
const LONGEST_PAUSES_MS = 30 * 60_000;
const PAGES_PER_CHECKPOINT = 10;
/** After so many pages in a row that do not come, the others are left for the next run. */
const FAILURES_IN_A_ROW = 3;

interface Tally {
  items: number;
  documents: number;
  /** Pages on which the selectors found nothing. */
  unmatched: number;
  unchanged: number;
  failed: number;
  /** Pages that are left for the next run. */
  waiting: number;
}

/**
 * Reads the pages that a list links to, those never read first, then those read longest ago, and says how it went.
 * @returns whether every page of the list was read.
 */
export async function* collectLinkedPages(
  site: LinkedSite,
  list: HtmlPage,
  run: SiteRun,
): AsyncGenerator<Found<WebState>, boolean> {
  const { client, memory, budget, now } = run;
  const part = { type: 'part', name: nameOfSite(site) } as const;
  if (list.directives.noFollow || list.directives.isReserved) {
    yield { ...part, status: 'skipped', note: 'The list asks programs not to follow its links.' };
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
  const due = inTurn(own, run);
  const fitting = Math.floor(LONGEST_PAUSES_MS / Math.max(1, await client.delayMsOf(list.url)));
  const chosen = due.slice(0, Math.max(0, Math.min(budget.left, fitting)));
  const tally: Tally = {
    items: links.length - own.length,
    documents: 0,
    unmatched: 0,
    unchanged: own.length - due.length,
    failed: 0,
    waiting: due.length,
  };
  let failedInARow = 0;
  for (const [index, link] of chosen.entries()) {
    budget.left -= 1;
    tally.waiting -= 1;
    const page = await readItemPage(site, link, run);
    if (page.type === 'failed') {
      const { error } = page;
      tally.failed += 1;
      failedInARow += 1;
      yield { type: 'part', name: link.href, status: 'failed', note: error.message, error };
      // The host asks for a pause, or does not answer.
      if (error.outcome === 'later' || failedInARow >= FAILURES_IN_A_ROW) break;
      continue;
    }
    failedInARow = 0;
    if (page.type === 'unchanged') {
      tally.unchanged += 1;
    } else {
      tally.items += 1;
      if (page.found.type === 'document') tally.documents += 1;
      if (page.isUnmatched) tally.unmatched += 1;
      yield page.found;
    }
    if ((index + 1) % PAGES_PER_CHECKPOINT === 0) yield { type: 'checkpoint', state: memory.save(now()) };
  }
  const verdict = verdictOf(tally);
  yield { ...part, ...verdict };
  return verdict.status !== 'failed' && tally.failed === 0 && tally.waiting === 0;
}

function verdictOf(tally: Tally): Pick<PartResult, 'status' | 'items' | 'note'> & { items: number } {
  const { items, documents, unmatched, unchanged, failed, waiting } = tally;
  const notes = [
    ...(unmatched > 0
      ? [`On ${String(unmatched)} pages the selectors find nothing. ${MAY_HAVE_CHANGED}`]
      : []),
    ...(waiting > 0 ? [`${String(waiting)} pages are left for the next run.`] : []),
  ];
  const hasNothing = documents === 0 && unchanged === 0;
  if (hasNothing && failed > 0) notes.unshift(`${String(failed)} pages could not be read.`);
  const status =
    hasNothing && (unmatched > 0 || failed > 0)
      ? 'failed'
      : documents === 0 && unchanged > 0
        ? 'unchanged'
        : 'success';
  if (status === 'unchanged') notes.unshift(`${String(unchanged)} pages have not changed.`);
  return { status, items, ...(notes.length === 0 ? {} : { note: notes.join(' ') }) };
}

/** The linked pages of the web, each once, in the order of the list. */
function linksOf(site: LinkedSite, list: HtmlPage): URL[] {
  const { $ } = list;
  const addresses = $(site.link)
    .toArray()
    .map((element) => $(element).attr('href') ?? $(element).find('a[href]').first().attr('href'))
    .flatMap((href) => list.resolve(href) ?? [])
    .map((url) => canonicalUrl(url.href));
  return [...new Set(addresses)].map((address) => new URL(address));
}

/** Those to ask for now: never read ones first, then the longest unasked; what says it is fresh is left out. */
function inTurn(links: readonly URL[], { memory, now }: SiteRun): URL[] {
  const at = now().getTime();
  return links
    .map((link) => ({ link, known: memory.pageOf(link.href) }))
    .filter(({ known }) => known === undefined || known.freshUntil <= at)
    .sort((a, b) => (a.known?.checkedAt ?? 0) - (b.known?.checkedAt ?? 0))
    .map(({ link }) => link);
}
