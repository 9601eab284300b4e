import { definedFields } from '../../domain/defined-fields.ts';
import type { MirrorReportDocument } from '../../database/collections/mirror-report.ts';
import type { Database } from '../../database/database.ts';
import type { JobQueues } from '../../queues/job-queues.ts';
import type { ShardResult, SweepState } from '../../queues/mirror-sweeps.ts';

/** Of a report: the first ones of each shard, then the first ones of all. */
export const MAX_PROBLEMS = 20;

/**
 * Makes the report of a sweep when all of its shards have ended. Safe to repeat, and in two processes at once.
 * @returns undefined when they have not, or another process made the report.
 */
export async function finishSweep(
  id: string,
  {
    database,
    queues,
  }: { readonly database: Pick<Database, 'mirrorReports'>; readonly queues: Pick<JobQueues, 'sweeps'> },
): Promise<MirrorReportDocument | undefined> {
  if (!(await queues.sweeps.hasEnded(id))) return undefined;
  const state = await queues.sweeps.state(id);
  if (state === undefined) return undefined;
  const report = sweepReport(id, state, new Date());
  await database.mirrorReports.save(report);
  await queues.sweeps.forget(id, state.sweep.container);
  return report;
}

/** The report of a sweep, from the results of its shards. */
export function sweepReport(id: string, state: SweepState, at: Date): MirrorReportDocument {
  const { sweep, results, splitError } = state;
  const { bucket, container, trigger } = sweep;
  const sums = addResults(results);
  const isEverything = sweep.prefix === '' && sweep.include.length === 0 && sweep.exclude.length === 0;
  return definedFields({
    _id: id,
    kind: 'sweep' as const,
    trigger,
    bucket,
    container,
    started_at: new Date(sweep.startedAt),
    finished_at: at,
    objects: sums.objects,
    found: sums.copied + sums.confirmed + sums.failed,
    extra: sums.extra,
    copied: sums.copied,
    copied_bytes: sums.copiedBytes,
    drift: sums.failed,
    complete: isEverything && splitError === undefined && sums.isComplete,
    shards: results.length,
    problems: sums.problems.slice(0, MAX_PROBLEMS),
    error: splitError,
  });
}

/** The result of a shard in which nothing was found to do. */
export const NO_RESULT: ShardResult = {
  objects: 0,
  equal: 0,
  extra: 0,
  copied: 0,
  copiedBytes: 0,
  confirmed: 0,
  failed: 0,
  isComplete: true,
  problems: [],
};

/** The sums of several results. */
export function addResults(results: readonly ShardResult[]): ShardResult {
  return results.reduce(
    (sum, one) => ({
      objects: sum.objects + one.objects,
      equal: sum.equal + one.equal,
      extra: sum.extra + one.extra,
      copied: sum.copied + one.copied,
      copiedBytes: sum.copiedBytes + one.copiedBytes,
      confirmed: sum.confirmed + one.confirmed,
      failed: sum.failed + one.failed,
      isComplete: sum.isComplete && one.isComplete,
      problems: [...sum.problems, ...one.problems].slice(0, MAX_PROBLEMS),
    }),
    NO_RESULT,
  );
}
