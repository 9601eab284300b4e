import { InterruptedError, toJobError } from '../domain/job-errors.ts';
import { reconcileBucket } from './bucket-pass.ts';
import type { PassName, ReconcileContext } from './reconcile-context.ts';
import { reconcileQueues } from './queues-pass.ts';
import { problemOf, type ReconcileReport } from './report.ts';
import { reconcileRuns } from './runs-pass.ts';
import { reconcileStaging } from './staging-pass.ts';
import { reconcileTotals } from './totals-pass.ts';
import { reconcileVideos } from './videos-pass.ts';

/**
 * Repairs the effects of crashes, outages and losses: compares record, jobs, staging and bucket, and gives every
 * unfinished video and every unfinished run of a source a job again. Safe while workers or another reconcile are running:
 * each change applies only to the state that was seen, and each job has its own id. The first passes only correct the
 * record; the later ones add the jobs that follow from it. If a pass fails, the others still run.
 * @throws InterruptedError when the signal was aborted; repairs made before are kept.
 */
export async function reconcile(context: ReconcileContext): Promise<ReconcileReport> {
  const { signal, passes, dryRun } = context;
  const report: ReconcileReport = {
    dryRun,
    queues: null,
    bucket: null,
    staging: null,
    videos: null,
    runs: null,
    totals: null,
    problems: [],
  };
  const run = async (name: PassName, pass: () => Promise<void>) => {
    if (!passes.includes(name)) return;
    try {
      await pass();
    } catch (thrown) {
      const error = toJobError(thrown, signal);
      if (error instanceof InterruptedError) throw error;
      report.problems.push(problemOf(name, error));
    }
  };
  const hasStaging = await context.staging.isReachable();
  // Before any pass adds a job.
  await run('queues', async () => {
    report.queues = await reconcileQueues(context);
  });
  await run('bucket', async () => {
    const { counts, problems } = await reconcileBucket(context, hasStaging);
    report.bucket = counts;
    report.problems.push(...problems);
  });
  await run('staging', async () => {
    if (!hasStaging) return;
    const { counts, problems } = await reconcileStaging(context);
    report.staging = counts;
    report.problems.push(...problems);
  });
  await run('videos', async () => {
    report.videos = await reconcileVideos(context, hasStaging);
  });
  await run('runs', async () => {
    report.runs = await reconcileRuns(context);
  });
  await run('totals', async () => {
    report.totals = await reconcileTotals(context);
  });
  return report;
}
