import type { RetryReport, RetryRow } from './retry-report.ts';
import { plainText } from '../text/plain-text.ts';
import { formatTextTable } from '../text/text-table.ts';

const TITLE_LENGTH = 40;
const MESSAGE_LENGTH = 90;

/** The report as text for a terminal. */
export function formatRetryReport(report: RetryReport): string {
  if (report.waiting.length === 0 && report.failed.length === 0)
    return 'Nothing waits and nothing has failed.';
  return [formatWaiting(report.waiting), ...report.failed.map(formatFailed)]
    .filter((part) => part !== '')
    .join('\n\n');
}

function formatWaiting(rows: readonly RetryRow[]): string {
  if (rows.length === 0) return '';
  return formatTextTable(
    [
      { heading: 'WAITING' },
      { heading: 'next try' },
      { heading: 'stage' },
      { heading: 'tries', align: 'right' },
      { heading: 'reason' },
    ],
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
    [
      { heading: `FAILED: ${failed.errorClass} (${String(failed.count)})` },
      { heading: 'title' },
      { heading: 'reason' },
    ],
    failed.examples.map((row) => [
      row.id,
      plainText(row.title ?? '–', TITLE_LENGTH),
      plainText(row.message, MESSAGE_LENGTH),
    ]),
  );
  const more = failed.count - failed.examples.length;
  return `${table}${more > 0 ? `\n… and ${String(more)} more` : ''}\n→ ${failed.advice}`;
}
