import { randomUUID } from 'node:crypto';
import type { MirrorReportDocument } from '../../database/collections/mirror-report.ts';
import { toError } from '../../domain/job-errors.ts';
import { isEverything } from '../../mirror/selection.ts';
import { MAX_PROBLEMS } from '../../mirror/sweep/finish-sweep.ts';
import { printMessage } from '../command/output.ts';
import type { SyncContext } from './sync-context.ts';

type Figures = Pick<
  MirrorReportDocument,
  'kind' | 'objects' | 'found' | 'extra' | 'copied' | 'copied_bytes' | 'drift' | 'problems'
>;

/**
 * Keeps what a run found for dashboard and status. A run that did its work does not fail because MongoDB is away: that is said.
 * @param figures.problems the first ones are kept.
 */
export async function saveReport(context: SyncContext, startedAt: Date, figures: Figures): Promise<void> {
  try {
    const { mirrorReports } = await context.openDatabase();
    await mirrorReports.save({
      ...figures,
      ...context.pair,
      _id: randomUUID(),
      trigger: 'command',
      started_at: startedAt,
      finished_at: new Date(),
      complete: isEverything(context),
      shards: 1,
      problems: figures.problems.slice(0, MAX_PROBLEMS),
    });
  } catch (error) {
    printMessage(`The result is not kept for the dashboard: ${toError(error).message}`);
  }
}
