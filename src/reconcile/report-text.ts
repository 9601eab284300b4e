import { formatTextTable } from '../text/text-table.ts';
import type { BucketCounts, ReconcileReport, RunCounts, StagingCounts, VideoCounts } from './report.ts';

const BUCKET: Readonly<Record<keyof BucketCounts, string>> = {
  objects: 'objects in the bucket',
  adopted: 'unknown objects taken into the record',
  found: 'videos found to be stored already',
  unrecognised: 'objects that are not ours or stand twice, left alone',
  differing: 'recorded objects that have another size',
  corrected: 'of those, whole ones that the record follows now',
  missing: 'recorded objects that are missing',
  restored: 'missing or broken ones brought back from the mirror',
  sentBack: 'missing or broken ones sent back to the download',
};
const STAGING: Readonly<Record<keyof StagingCounts, string>> = {
  files: 'files in the staging directory',
  strays: 'files that nobody waits for, removed',
  strayMetadata: 'notes of audio that never came, removed',
  adopted: 'files of unknown videos, taken into the record',
  workDirectories: 'work directories of dead workers, removed',
};
const VIDEOS: Readonly<Record<keyof VideoCounts, string>> = {
  examined: 'videos on their way',
  carried: 'carried by a job',
  jobs: 'without their job, which was added',
  waits: 'without their wait for a retry, which was added',
  rounds: 'left behind by their job, in a new round now',
  sentBack: 'without their staged file, sent back to the download',
  failed: 'lost in every round they had, failed now',
};
const RUNS: Readonly<Record<keyof RunCounts, string>> = {
  examined: 'runs of sources under way, or waiting for another try',
  resumed: 'of those, without their job, which was added',
};

/** The report as text for a terminal. */
export function formatReconcileReport(report: ReconcileReport): string {
  const rows = [
    ...rowsOf(BUCKET, report.bucket),
    ...rowsOf(STAGING, report.staging),
    ...rowsOf(VIDEOS, report.videos),
    ...rowsOf(RUNS, report.runs),
  ];
  const table = formatTextTable([{ heading: 'COUNT', align: 'right' }, { heading: 'what' }], rows);
  const problems = report.problems.map(({ message, advice }) => `! ${message}\n  → ${advice}`);
  const end = report.dryRun ? ['Nothing was changed.'] : [];
  return [table, ...problems, ...end].join('\n');
}

function rowsOf<K extends string>(
  names: Readonly<Record<K, string>>,
  counts: Readonly<Record<K, number>> | null,
): string[][] {
  if (counts === null) return [];
  return (Object.keys(names) as K[]).map((name) => [String(counts[name]), names[name]]);
}
