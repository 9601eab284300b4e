import type { ReconcileContext } from './reconcile-context.ts';
import { zeroCounts, type Counts } from './report.ts';

/** Counts the audio in the bucket and the videos of a large archive anew, by the records as the passes before have left them. */
export async function reconcileTotals({
  database,
  dryRun,
  signal,
}: Pick<ReconcileContext, 'database' | 'dryRun' | 'signal'>): Promise<Counts<'totals'>> {
  const counts = zeroCounts('totals');
  if (dryRun) return counts;
  counts.videos = (await database.audioTotals.renew(new Date(), signal)).videos;
  await database.videoCounts.renew(signal);
  return counts;
}
