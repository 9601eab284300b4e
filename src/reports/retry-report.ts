import type { JobQueues } from '../queues/job-queues.ts';
import type { VideoDocument } from '../database/collections/video.ts';
import type { Database } from '../database/database.ts';
import { adviceFor, isErrorClass } from '../domain/error-classes.ts';
import { plainText } from '../text/plain-text.ts';
import { formatTextTable, numbers } from '../text/tables.ts';
import { takeFirst } from './status.ts';

type RetryRow = ReturnType<typeof toRow>;

/** As `npm run retry -- --json` prints it. */
export type RetryReport = Awaited<ReturnType<typeof collectRetryReport>>;

const TITLE_LENGTH = 40;
const MESSAGE_LENGTH = 90;

/**
 * The items that were put back uncounted, the videos that wait for a retry, and the failed ones by error class.
 * @param limit the maximum number of rows of each kind
 */
export async function collectRetryReport({ overview }: Database, queues: JobQueues, limit: number) {
  const rowsOf = async (videos: AsyncIterable<VideoDocument>) => (await takeFirst(videos, limit)).map(toRow);
  const classes = await overview.countFailedByClass();
  const now = new Date();
  return {
    snoozed: (await queues.strikes.list(limit)).filter(({ until }) => until > now),
    waiting: await rowsOf(overview.retrying()),
    failed: await Promise.all(
      classes.map(async ({ errorClass, count }) => ({
        errorClass,
        count,
        advice: adviceFor(errorClass, 'failed'),
        examples: isErrorClass(errorClass) ? await rowsOf(overview.failed(errorClass)) : [],
      })),
    ),
  };
}

function toRow(video: VideoDocument) {
  return {
    id: video._id,
    title: video.title ?? null,
    stage: video.error?.stage ?? '',
    errorClass: video.error?.class ?? '',
    message: video.error?.message ?? '',
    retryAttempts: video.retry_attempts,
    nextRetryAt: video.next_retry_at?.toISOString() ?? null,
  };
}

/** The report as text for a terminal. */
export function formatRetryReport({ snoozed, waiting, failed }: RetryReport): string {
  const tables = [
    ...(snoozed.length === 0 ? [] : [formatSnoozed(snoozed)]),
    ...(waiting.length === 0 ? [] : [formatWaiting(waiting)]),
    ...failed.map(formatFailed),
  ];
  return tables.length === 0
    ? 'No videos are waiting for a retry, and none have failed.'
    : tables.join('\n\n');
}

function formatSnoozed(strikes: RetryReport['snoozed']): string {
  return formatTextTable(
    ['SNOOZED', 'queue', 'next start', ...numbers('times'), 'reason'],
    strikes.map(({ item, queue, until, count, class: errorClass, reason }) => [
      item,
      queue,
      until.toISOString(),
      String(count),
      plainText(`${errorClass}: ${reason}`, MESSAGE_LENGTH),
    ]),
  );
}

function formatWaiting(rows: readonly RetryRow[]): string {
  return formatTextTable(
    ['WAITING', 'next retry', 'stage', ...numbers('attempts'), 'reason'],
    rows.map((row) => [
      row.id,
      row.nextRetryAt ?? '–',
      row.stage,
      String(row.retryAttempts),
      plainText(row.message, MESSAGE_LENGTH),
    ]),
  );
}

function formatFailed(failed: RetryReport['failed'][number]): string {
  const table = formatTextTable(
    [`FAILED: ${failed.errorClass} (${String(failed.count)})`, 'title', 'reason'],
    failed.examples.map((row) => [
      row.id,
      plainText(row.title ?? '–', TITLE_LENGTH),
      plainText(row.message, MESSAGE_LENGTH),
    ]),
  );
  const more = failed.count - failed.examples.length;
  return `${table}${more > 0 ? `\n… and ${String(more)} more` : ''}\n→ ${failed.advice}`;
}
