import { recordOf } from '../domain/defined-fields.ts';
import { NO_COUNTS, type RunCounts, type RunDocument, type RunStatus } from './collections/run.ts';
import { Repository } from './repository.ts';

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

/** When a run began, and what it says of its parts. */
export type PartsOfRun = Pick<RunDocument, '_id' | 'started_at' | 'parts'>;

/** How a run ends that was not skipped. */
const ENDED = ['success', 'partial', 'failed'] as const satisfies readonly RunStatus[];

const COUNTS = Object.keys(NO_COUNTS) as readonly (keyof RunCounts)[];

/** The queries of reports, health, pages and schedules on the runs. */
export class RunOverview extends Repository<RunDocument> {
  /** Sums for each source, day and status. @param from inclusive @param to exclusive */
  async dailySums(from: Date, to: Date): Promise<RunSums[]> {
    const rows = await this.model.aggregate<{
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
      counts: recordOf(COUNTS, (name) => Number(row[name] ?? 0)),
    }));
  }

  /** The latest runs, newest first. */
  async latest(limit: number): Promise<RunDocument[]> {
    return await this.model.find().sort({ started_at: -1 }).limit(limit).lean();
  }

  /** The latest run of a source that was not skipped. */
  async latestOf(sourceId: string): Promise<RunDocument | undefined> {
    const filter = { source_id: sourceId, status: { $ne: 'skipped' as const } };
    return (await this.model.findOne(filter).sort({ started_at: -1 }).lean()) ?? undefined;
  }

  /** The latest run of a source that has ended and was not skipped. */
  async latestEndedOf(sourceId: string): Promise<RunDocument | undefined> {
    const filter = { source_id: sourceId, status: { $in: [...ENDED] } };
    return (await this.model.findOne(filter).sort({ started_at: -1 }).lean()) ?? undefined;
  }

  /** The parts of the runs of a source that have ended and were not skipped, newest first. @param from inclusive */
  async partsSince(sourceId: string, from: Date, limit: number): Promise<PartsOfRun[]> {
    const filter = { source_id: sourceId, status: { $in: [...ENDED] }, started_at: { $gte: from } };
    const fields = ['started_at', 'parts.name', 'parts.status', 'parts.note', 'parts.error_class'];
    return await this.model.find(filter, fields).sort({ started_at: -1 }).limit(limit).lean<PartsOfRun[]>();
  }

  /** Runs with failures, failed parts or rejected items, newest first. @param from inclusive @param to exclusive */
  async withProblems(from: Date, to: Date, limit: number): Promise<RunWithProblems[]> {
    return await this.model
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

  /** The runs of a source that began in a period, newest first. @param from inclusive @param to exclusive */
  async list(sourceId: string, from: Date, to: Date, limit: number): Promise<RunDocument[]> {
    const filter = { source_id: sourceId, started_at: { $gte: from, $lt: to } };
    return await this.model.find(filter).sort({ started_at: -1 }).limit(limit).lean();
  }

  /** Runs that were begun and have not ended, oldest first. */
  async running(): Promise<RunDocument[]> {
    return await this.model.find({ status: 'running' }).sort({ started_at: 1 }).lean();
  }

  /** Runs that failed and wait for a retry, oldest first. */
  async waiting(): Promise<RunDocument[]> {
    return await this.model
      .find({ status: 'failed', next_retry_at: { $ne: null } })
      .sort({ started_at: 1 })
      .lean();
  }
}

/** The sums of two counts. */
export function addCounts(first: RunCounts, second: RunCounts): RunCounts {
  return recordOf(COUNTS, (name) => first[name] + second[name]);
}
