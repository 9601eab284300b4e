import type { Database } from '../../database/database.ts';
import { addCounts, NO_COUNTS } from '../../database/run-overview.ts';
import { lastHours } from '../../reports/collection/gather-report.ts';
import { formatNumber } from '../../reports/collection/report-words.ts';

const DAY_HOURS = 24;

/** How many documents there are at a moment. */
export interface CollectionTotals {
  readonly documents: number;
  /** Of each source that has any, most first. */
  readonly sources: readonly { readonly source: string; readonly documents: number }[];
}

/** Counts all documents. @throws when MongoDB does not answer. */
export async function readTotals({ documents }: Pick<Database, 'documents'>): Promise<CollectionTotals> {
  const sources = [...(await documents.totalsBySource())]
    .map(([source, count]) => ({ source, documents: count }))
    .sort((first, second) => second.documents - first.documents);
  return { documents: sources.reduce((sum, each) => sum + each.documents, 0), sources };
}

/** How many new documents the runs of the last 24 hours inserted. */
export async function newOfLastDay(
  { runOverview }: Pick<Database, 'runOverview'>,
  at: Date,
): Promise<number> {
  const { from, to } = lastHours(DAY_HOURS, at);
  const tallies = await runOverview.tallies(from, to);
  return tallies.reduce((sum, { counts }) => addCounts(sum, counts), NO_COUNTS).new;
}

/** What there is before a collection, in one line. */
export function formatBefore({ documents, sources }: CollectionTotals): string {
  const shares = sources.map(({ source, documents: count }) => `${source} ${formatNumber(count)}`);
  return `Before: ${formatNumber(documents)} documents${shares.length === 0 ? '' : ` (${shares.join(', ')})`}`;
}

/** What has changed after it, in one line. */
export function formatAfter(before: CollectionTotals, after: CollectionTotals, newInDay: number): string {
  const growth = after.documents - before.documents;
  return `After: ${formatNumber(after.documents)} documents, ${growth < 0 ? '' : '+'}${formatNumber(growth)} with this; ${formatNumber(newInDay)} new in the last 24 hours`;
}
