import type { Model } from 'mongoose';
import { NO_COUNTS, type RunCounts, type RunDocument, type RunStatus } from './collections/run.ts';

/** The runs of one source on one day (UTC) that ended with the same status. */
export interface RunSums {
  readonly sourceId: string;
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly status: RunStatus;
  readonly runs: number;
  readonly counts: RunCounts;
  readonly bytes: number;
}

const PROBLEM_FIELDS = [
  'source_id',
  'started_at',
  'status',
  'error',
  'parts',
  'reject_reasons',
  'rejects',
  'note',
] as const;

/** The part of a run that reports show when it had problems. */
export type RunWithProblems = Pick<RunDocument, '_id' | (typeof PROBLEM_FIELDS)[number]>;

const COUNTS = Object.keys(NO_COUNTS) as readonly (keyof RunCounts)[];

/** The queries of reports, health, pages and schedules on the runs. */
export class RunOverview {
  readonly #runs: Model<RunDocument>;

  constructor(runs: Model<RunDocument>) {
    this.#runs = runs;
  }

  /** Sums for each source, day and status. @param from inclusive @param to exclusive */
  async dailySums(from: Date, to: Date): Promise<RunSums[]> {
    const rows = await this.#runs.aggregate<{
      readonly _id: { readonly source: string; readonly day: string; readonly status: RunStatus };
      readonly runs: number;
      readonly bytes: number;
      readonly [count: string]: unknown;
    }>([
      { $match: { started_at: { $gte: from, $lt: to } } },
      {
        $group: {
          _id: {
            source: '$source_id',
            day: { $dateToString: { format: '%Y-%m-%d', date: '$started_at' } },
            status: '$status',
          },
          runs: { $sum: 1 },
          bytes: { $sum: '$bytes' },
          ...Object.fromEntries(COUNTS.map((name) => [name, { $sum: `$counts.${name}` }])),
        },
      },
    ]);
    return rows.map((row) => ({
      sourceId: row._id.source,
      day: row._id.day,
      status: row._id.status,
      runs: row.runs,
      bytes: row.bytes,
      counts: countsOf((name) => Number(row[name] ?? 0)),
    }));
  }

  /** The latest runs, newest first. */
  async latest(limit: number): Promise<RunDocument[]> {
    return await this.#runs.find().sort({ started_at: -1 }).limit(limit).lean<RunDocument[]>();
  }

  /** The latest run of a source that was not skipped. */
  async latestOf(sourceId: string): Promise<RunDocument | undefined> {
    const run = await this.#runs
      .findOne({ source_id: sourceId, status: { $ne: 'skipped' } })
      .sort({ started_at: -1 })
      .lean<RunDocument>();
    return run ?? undefined;
  }

  /** Runs with failures, failed parts or rejected items, newest first. @param from inclusive @param to exclusive */
  async withProblems(from: Date, to: Date, limit: number): Promise<RunWithProblems[]> {
    return await this.#runs
      .find(
        {
          started_at: { $gte: from, $lt: to },
          $or: [{ status: { $in: ['failed', 'partial'] } }, { 'counts.rejected': { $gt: 0 } }],
        },
        PROBLEM_FIELDS,
      )
      .sort({ started_at: -1 })
      .limit(limit)
      .lean<RunWithProblems[]>();
  }

  /** The runs of a source that began in a period, newest first. `to` is exclusive. */
  async list(options: {
    readonly from: Date;
    readonly to: Date;
    readonly sourceId: string;
    readonly limit: number;
  }): Promise<RunDocument[]> {
    return await this.#runs
      .find({ source_id: options.sourceId, started_at: { $gte: options.from, $lt: options.to } })
      .sort({ started_at: -1 })
      .limit(options.limit)
      .lean<RunDocument[]>();
  }

  /** Runs that were begun and have not ended, oldest first. */
  async running(): Promise<RunDocument[]> {
    return await this.#runs.find({ status: 'running' }).sort({ started_at: 1 }).lean<RunDocument[]>();
  }

  /** Runs that failed and wait for a retry, oldest first. */
  async waiting(): Promise<RunDocument[]> {
    return await this.#runs
      .find({ status: 'failed', next_retry_at: { $ne: null } })
      .sort({ started_at: 1 })
      .lean<RunDocument[]>();
  }
}

/** The sums of two counts. */
export function addCounts(first: RunCounts, second: RunCounts): RunCounts {
  return countsOf((name) => first[name] + second[name]);
}

function countsOf(value: (name: keyof RunCounts) => number): RunCounts {
  return Object.fromEntries(COUNTS.map((name) => [name, value(name)])) as Record<keyof RunCounts, number>;
}
