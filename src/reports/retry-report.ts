import type { Database } from '../database/database.ts';
import type { VideoDocument } from '../database/documents.ts';
import { ERROR_CLASSES, isErrorClass, type ErrorClass } from '../domain/error-classes.ts';

/** One video that failed or waits. */
export interface RetryRow {
  readonly id: string;
  readonly title: string | null;
  readonly stage: string;
  readonly errorClass: string;
  readonly message: string;
  readonly retryAttempts: number;
  readonly nextRetryAt: string | null;
}

/** What waits in the retry queue and what is dead, by class, with advice. */
export interface RetryReport {
  readonly waiting: readonly RetryRow[];
  readonly failed: readonly {
    readonly errorClass: string;
    readonly count: number;
    readonly advice: string;
    /** The oldest of them. */
    readonly examples: readonly RetryRow[];
  }[];
}

/** Collects the report; at most `limit` rows of each kind. */
export async function collectRetryReport(database: Database, limit: number): Promise<RetryReport> {
  const classes = await database.overview.countFailedByClass();
  return {
    waiting: await take(database.overview.retrying(), limit),
    failed: await Promise.all(
      classes.map(async ({ errorClass, count }) => ({
        errorClass,
        count,
        advice: adviceOf(errorClass),
        examples: isErrorClass(errorClass) ? await examplesOf(database, errorClass, limit) : [],
      })),
    ),
  };
}

function examplesOf(database: Database, errorClass: ErrorClass, limit: number): Promise<RetryRow[]> {
  return take(database.overview.failed(errorClass), limit);
}

function adviceOf(errorClass: string): string {
  return isErrorClass(errorClass) ? ERROR_CLASSES[errorClass].advice : '';
}

async function take(videos: AsyncIterable<VideoDocument>, limit: number): Promise<RetryRow[]> {
  const rows: RetryRow[] = [];
  for await (const video of videos) {
    rows.push({
      id: video._id,
      title: video.title ?? null,
      stage: video.error?.stage ?? '',
      errorClass: video.error?.class ?? '',
      message: video.error?.message ?? '',
      retryAttempts: video.retry_attempts,
      nextRetryAt: video.next_retry_at?.toISOString() ?? null,
    });
    if (rows.length >= limit) break;
  }
  return rows;
}
