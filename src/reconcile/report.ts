import type { JobError } from '../domain/job-errors.ts';
import type { JobResult } from '../queues/catalogue.ts';
import { formatTextTable, numbers } from '../text/tables.ts';
import { PASSES, type PassName } from './reconcile-context.ts';

/** What each pass counts, and how it is shown. The names are the fields of the JSON output. */
const COUNTS = {
  queues: {
    paused: 'queues that a person paused, paused again now',
  },
  bucket: {
    objects: 'audio objects in the bucket',
    adopted: 'objects without a record, recorded now',
    found: 'videos whose object exists already, recorded as stored now',
    unrecognised: 'unrecognised or duplicate objects, left alone',
    differing: 'recorded objects that have another size',
    corrected: 'of those, valid objects whose record was corrected',
    missing: 'recorded objects that are missing',
    restored: 'missing or damaged objects, restored from the mirror',
    sentBack: 'missing or damaged objects, to be downloaded again',
    deleted: 'videos that a person deleted, whose objects were removed now',
  },
  staging: {
    files: 'files in staging',
    strays: 'unneeded files, removed',
    strayMetadata: 'files that were staged only in part, removed',
    adopted: 'files without a record, recorded now',
    workDirectories: 'work directories of dead workers, removed',
  },
  videos: {
    examined: 'videos in progress',
    backlog: 'besides these, videos that wait for a download job until there is room',
    /** Or changed during the pass. */
    carried: 'with a live job',
    jobs: 'without a job, which was added',
    waits: 'without their scheduled retry, which was added',
    rounds: 'whose job ended without a result, in a new round now',
    /** A part of `jobs` and `rounds`. */
    sentBack: 'without their staged file, to be downloaded again',
    failed: 'lost in every round, failed now',
  },
  runs: {
    examined: 'runs of sources in progress, or waiting for a retry',
    resumed: 'of those, without a job, which was added',
  },
  totals: {
    videos: 'videos stored more than ten minutes ago, whose hours and bytes were summed',
  },
} as const satisfies Record<PassName, Record<string, string>>;

/** What a pass counted. In a dry run: what would have been changed. */
export type Counts<Pass extends PassName> = Record<keyof (typeof COUNTS)[Pass], number>;

/** What a pass could not do, or leaves to a person. */
export interface ReconcileProblem {
  readonly pass: PassName;
  readonly errorClass: string;
  readonly message: string;
  readonly advice: string;
}

/** The result of a reconcile. The counts of a pass that did not run, or failed, are null. */
export type ReconcileReport = { [Pass in PassName]: Counts<Pass> | null } & {
  readonly dryRun: boolean;
  readonly problems: ReconcileProblem[];
};

export function zeroCounts<Pass extends PassName>(pass: Pass): Counts<Pass> {
  return Object.fromEntries(Object.keys(COUNTS[pass]).map((name) => [name, 0])) as Counts<Pass>;
}

export function problemOf(pass: PassName, error: JobError): ReconcileProblem {
  return { pass, errorClass: error.errorClass, message: error.message, advice: error.advice };
}

/** The report as the flat result of a job: `bucket.adopted` and so on. */
export function flattenReport(report: ReconcileReport): JobResult {
  const entries = PASSES.flatMap((pass) =>
    Object.entries(report[pass] ?? {}).map(([name, count]) => [`${pass}.${name}`, count] as const),
  );
  return { ...Object.fromEntries(entries), problems: report.problems.length };
}

/** The report as text for a terminal. */
export function formatReconcileReport(report: ReconcileReport): string {
  const rows = PASSES.flatMap((pass) => {
    const texts: Readonly<Record<string, string>> = COUNTS[pass];
    return Object.entries(report[pass] ?? {}).map(([name, count]) => [String(count), texts[name] ?? name]);
  });
  const table = formatTextTable([...numbers('COUNT'), 'what'], rows);
  const problems = report.problems.map(({ message, advice }) => `! ${message}\n  → ${advice}`);
  const end = report.dryRun ? ['Nothing was changed.'] : [];
  return [table, ...problems, ...end].join('\n');
}
