import type { JobError } from '../domain/job-errors.ts';
import type { JobResult } from '../queues/catalogue.ts';
import type { PassName } from './reconcile-options.ts';

/** What the walk through the bucket found and did. */
export interface BucketCounts {
  /** Audio objects in the bucket. */
  objects: number;
  /** Objects without a record, taken in as `stored`. */
  adopted: number;
  /** Videos that were not recorded as stored although their object is there. */
  found: number;
  /** Objects that do not say what they are, or stand beside another of the same video; left alone. */
  unrecognised: number;
  /** Recorded objects that have another size than recorded. */
  differing: number;
  /** Of those, whole ones of ours: the record follows the object. */
  corrected: number;
  /** Recorded objects that the bucket lacks. */
  missing: number;
  /** Of the missing and the broken ones, those brought back from the mirror. */
  restored: number;
  /** And videos sent back to their download. */
  sentBack: number;
}

/** What the walk through the staging directory found and did. */
export interface StagingCounts {
  files: number;
  /** Files that nobody waits for, removed. */
  strays: number;
  /** Facts files without their audio, old ones that nobody waits for, removed. */
  strayMetadata: number;
  /** Files of unknown videos, taken in as `discovered`; only after a loss of the record. */
  adopted: number;
  /** Work directories of dead workers, removed. */
  workDirectories: number;
}

/** What the walk through the videos on their way found and did. */
export interface VideoCounts {
  /** Videos that are not at an end. */
  examined: number;
  /** Those that a job carries, or that moved on while they were looked at. */
  carried: number;
  /** Jobs that were missing and have been added. */
  jobs: number;
  /** Waits in the retry queue that were missing and have been added. */
  waits: number;
  /** Videos whose job had ended without them; they go on in a new round. */
  rounds: number;
  /** Of the jobs and rounds, those that go back to the download because the staged file is gone. */
  sentBack: number;
  /** Videos that got lost in every round they had: failed. */
  failed: number;
}

/** What the look at the runs of sources that have no end found and did. */
export interface RunCounts {
  /** Runs under way, or waiting for another try. */
  examined: number;
  /** Of those, runs that no job carried: Redis lost it, or it ended without them. They go on. */
  resumed: number;
}

/** Something that a pass could not do, or leaves to a person. */
export interface ReconcileProblem {
  readonly pass: PassName;
  readonly errorClass: string;
  readonly message: string;
  readonly advice: string;
}

/** The outcome of a reconcile. A pass that did not run, or failed, is null. */
export interface ReconcileReport {
  readonly dryRun: boolean;
  bucket: BucketCounts | null;
  /** Also null where this machine has no staging directory. */
  staging: StagingCounts | null;
  videos: VideoCounts | null;
  runs: RunCounts | null;
  readonly problems: ReconcileProblem[];
}

/** A problem made of an error. */
export function problemOf(pass: PassName, error: JobError): ReconcileProblem {
  return { pass, errorClass: error.errorClass, message: error.message, advice: error.advice };
}

/** The report as the flat result of a job: `bucket.adopted` and so on. */
export function flattenReport(report: ReconcileReport): JobResult {
  const { bucket, staging, videos, runs, problems } = report;
  const entries = Object.entries({ bucket, staging, videos, runs }).flatMap(([pass, counts]) =>
    Object.entries(counts ?? {}).map(([what, count]) => [`${pass}.${what}`, Number(count)] as const),
  );
  return { ...Object.fromEntries(entries), problems: problems.length };
}
