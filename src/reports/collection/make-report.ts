import { gatherReport, type ReportPeriod } from './gather-report.ts';
import type { HealthDependencies } from './read-health.ts';
import { formatReportHtml } from './report-html.ts';
import type { CollectionReport } from './report.ts';

/** A report and the name under which it was kept. */
export interface MadeReport {
  readonly name: string;
  readonly report: CollectionReport;
  readonly html: string;
}

/**
 * Gathers the report of a period and keeps its page with the runs, where the dashboard shows it.
 * @throws TransientError when MongoDB does not answer.
 */
export async function makeReport(
  sources: HealthDependencies & { readonly hasMirror: boolean },
  period: ReportPeriod,
  at: Date,
): Promise<MadeReport> {
  const report = await gatherReport(sources, period, at);
  const html = formatReportHtml(report);
  const name = reportName(at);
  await sources.database.reports.save({
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

/** `sonotheque_report_v20260131_070000`: the time in UTC. */
function reportName(at: Date): string {
  const digits = at.toISOString().replaceAll(/\D/g, '');
  return `sonotheque_report_v${digits.slice(0, 8)}_${digits.slice(8, 14)}`;
}
