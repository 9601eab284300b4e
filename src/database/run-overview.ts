import type { Model } from 'mongoose';
import type { RunCounts, RunDocument, RunStatus } from './collection-documents.ts';

/** The runs of one source on one day (UTC), by how they ended. */
export interface RunSums {
  readonly sourceId: string;
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly status: RunStatus;
  readonly runs: number;
  readonly counts: RunCounts;
  readonly bytes: number;
}

/** What a report tells of a run that had trouble. */
export type TroubledRun = Pick<
  RunDocument,
  '_id' | 'source_id' | 'started_at' | 'status' | 'error' | 'parts' | 'reject_reasons' | 'rejects' | 'note'
>;

const COUNTS = ['seen', 'new', 'updated', 'duplicate', 'rejected', 'media'] as const;

/** What reports, health and pages ask of the runs; reads only. */
export class RunOverview {
  readonly #runs: Model<RunDocument>;

  constructor(runs: Model<RunDocument>) {
    this.#runs = runs;
  }

  /** Runs and what they counted, for each source, day and status. @param from inclusive @param to exclusive */
  async tallies(from: Date, to: Date): Promise<RunSums[]> {
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
      counts: countsOf(row),
    }));
  }

  /** The latest runs, newest first. */
  async latest(limit: number, sourceId?: string): Promise<RunDocument[]> {
    return await this.#runs
      .find(sourceId === undefined ? {} : { source_id: sourceId })
      .sort({ started_at: -1 })
      .limit(limit)
      .lean<RunDocument[]>();
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
  async troubled(from: Date, to: Date, limit: number): Promise<TroubledRun[]> {
    return await this.#runs
      .find(
        {
          started_at: { $gte: from, $lt: to },
          $or: [{ status: { $in: ['failed', 'partial'] } }, { 'counts.rejected': { $gt: 0 } }],
        },
        {
          source_id: 1,
          started_at: 1,
          status: 1,
          error: 1,
          parts: 1,
          reject_reasons: 1,
          rejects: 1,
          note: 1,
        },
      )
      .sort({ started_at: -1 })
      .limit(limit)
      .lean<TroubledRun[]>();
  }
}

/** Nothing counted yet. */
export const NO_COUNTS: RunCounts = { seen: 0, new: 0, updated: 0, duplicate: 0, rejected: 0, media: 0 };

/** The sums of two counts. */
export function addCounts(first: RunCounts, second: RunCounts): RunCounts {
  return {
    seen: first.seen + second.seen,
    new: first.new + second.new,
    updated: first.updated + second.updated,
    duplicate: first.duplicate + second.duplicate,
    rejected: first.rejected + second.rejected,
    media: first.media + second.media,
  };
}

function countsOf(row: Readonly<Record<string, unknown>>): RunCounts {
  const of = (name: keyof RunCounts) => Number(row[name] ?? 0);
  return {
    seen: of('seen'),
    new: of('new'),
    updated: of('updated'),
    duplicate: of('duplicate'),
    rejected: of('rejected'),
    media: of('media'),
  };
}
