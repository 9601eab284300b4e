import type { ReconcileContext } from './reconcile-context.ts';
import { zeroCounts, type Counts } from './report.ts';

/** Counts the audio in the bucket anew, by the records as the passes before have left them. */
export async function reconcileTotals({
  database,
  dryRun,
  signal,
}: Pick<ReconcileContext, 'database' | 'dryRun' | 'signal'>): Promise<Counts<'totals'>> {
  const counts = zeroCounts('totals');
  if (!dryRun) counts.videos = (await database.audioTotals.count(new Date(), signal)).videos;
  return counts;
}
