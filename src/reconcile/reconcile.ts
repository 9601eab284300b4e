import { InterruptedError, toJobError } from '../domain/job-errors.ts';
import { reconcileBucket } from './bucket-pass.ts';
import { problemOf, type ReconcileReport } from './report.ts';
import { reconcileRuns } from './runs-pass.ts';
import type { PassName, ReconcileOptions } from './reconcile-options.ts';
import { hasStagingDirectory, reconcileStaging } from './staging-pass.ts';
import { reconcileVideos } from './videos-pass.ts';

/**
 * Repairs what crashes, outages and losses left behind: compares record, jobs, staging directory and bucket, and puts
 * every video, and every run of a source, back on its way. Safe beside running workers and beside another reconcile: each change is compared
 * with what was seen, each job has an id of its own. The first passes only write facts; the others add the jobs that
 * follow from them. A pass that fails does not keep the others from their work.
 * @throws InterruptedError when the signal was aborted; what was repaired stays.
 */
export async function reconcile(options: ReconcileOptions): Promise<ReconcileReport> {
  const { signal, passes, dryRun } = options;
  const report: ReconcileReport = {
    ...{ dryRun, bucket: null, staging: null, videos: null, runs: null },
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
  const hasStaging = await hasStagingDirectory(options);
  await run('bucket', async () => {
    const { counts, problems } = await reconcileBucket(options, hasStaging);
    report.bucket = counts;
    report.problems.push(...problems);
  });
  await run('staging', async () => {
    if (!hasStaging) return;
    const { counts, problems } = await reconcileStaging(options);
    report.staging = counts;
    report.problems.push(...problems);
  });
  await run('videos', async () => {
    report.videos = await reconcileVideos(options, hasStaging);
  });
  await run('runs', async () => {
    report.runs = await reconcileRuns(options);
  });
  return report;
}
