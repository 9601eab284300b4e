import { fileTimestamp } from '../../text/units.ts';
import type { Messages } from '../../text/messages/en.ts';
import { formatReportHtml } from './report-html.ts';
import { gatherReport, type ReportDependencies, type ReportPeriod } from './report.ts';

export type MadeReport = Awaited<ReturnType<typeof makeReport>>;

/**
 * Makes the report of a period and stores its page in MongoDB, where the dashboard shows it under `name`.
 * @throws TransientError when MongoDB does not answer.
 */
export async function makeReport(
  dependencies: ReportDependencies,
  period: ReportPeriod,
  at: Date,
  messages: Messages,
) {
  const report = await gatherReport(dependencies, period, at);
  const html = formatReportHtml(report, messages);
  const name = `sonotheque_report_v${fileTimestamp(at)}`;
  await dependencies.database.reports.save({
    _id: name,
    made_at: at,
    from: period.from,
    to: period.to,
    documents: report.totals.documents,
    inserted: report.totals.inserted,
    problems: report.problems.length,
    html,
  });
  return { name, report, html };
}
