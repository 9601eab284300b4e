import { NO_COUNTS } from '../../database/collections/run.ts';
import type { Database } from '../../database/database.ts';
import { addCounts } from '../../database/run-overview.ts';
import { lastHours } from '../../reports/collection/report.ts';
import { formatNumber } from '../../text/units.ts';

const DAY_HOURS = 24;

/** All documents, and those of each source that has any, most first. */
export async function readTotals({ documents }: Pick<Database, 'documents'>) {
  const sources = [...(await documents.totalsBySource())]
    .map(([source, count]) => ({ source, documents: count }))
    .sort((first, second) => second.documents - first.documents);
  return { documents: sources.reduce((sum, each) => sum + each.documents, 0), sources };
}

type CollectionTotals = Awaited<ReturnType<typeof readTotals>>;

/** How many new documents the runs of the last 24 hours inserted. */
export async function newOfLastDay(
  { runOverview }: Pick<Database, 'runOverview'>,
  at: Date,
): Promise<number> {
  const { from, to } = lastHours(DAY_HOURS, at);
  const tallies = await runOverview.dailySums(from, to);
  return tallies.reduce((sum, { counts }) => addCounts(sum, counts), NO_COUNTS).new;
}

export function formatBefore({ documents, sources }: CollectionTotals): string {
  const shares = sources.map(({ source, documents: count }) => `${source} ${formatNumber(count)}`);
  return `Before: ${formatNumber(documents)} documents${shares.length === 0 ? '' : ` (${shares.join(', ')})`}`;
}

export function formatAfter(before: CollectionTotals, after: CollectionTotals, newInDay: number): string {
  const growth = after.documents - before.documents;
  return `After: ${formatNumber(after.documents)} documents, ${growth < 0 ? '' : '+'}${formatNumber(growth)} by these runs; ${formatNumber(newInDay)} new in the last 24 hours`;
}
