import { plainText } from '../../text/plain-text.ts';
import { formatBytes, formatMoment, formatNumber } from '../../text/units.ts';
import { HEALTH_LABELS } from './health.ts';
import { formatPeriod, type CollectionReport } from './report.ts';

const MAX_TEXT_LENGTH = 160;

/** The report as GitHub Markdown, for the summary page of a workflow. */
export function formatReportMarkdown(report: CollectionReport): string {
  const { totals, sources, health, rejects, problems, audio, snapshot } = report;
  return [
    '# Collection report',
    formatPeriod(report),
    list([
      `Documents: **${formatNumber(totals.documents)}**`,
      `New: **${formatNumber(totals.new)}**, updated: ${formatNumber(totals.updated)}, duplicates: ${formatNumber(totals.duplicate)}, rejected: ${formatNumber(totals.rejected)}`,
      `Audio: ${audio.hours.toFixed(1)} h in ${formatBytes(audio.bytes)}, ${audio.unmirrored === null ? 'no mirror' : `${formatNumber(audio.unmirrored)} not mirrored yet`}`,
      `Last snapshot: ${snapshot === null ? 'none' : `${snapshot.name}${snapshot.verifiedAt === null ? ', not verified' : ''}`}`,
    ]),
    '## Sources',
    table(
      ['source', 'documents', 'new', 'updated', 'duplicates', 'rejected', 'runs', 'failed'],
      sources.map(({ label, documents, counts, runs }) => [
        label,
        ...[documents, counts.new, counts.updated, counts.duplicate, counts.rejected].map(formatNumber),
        formatNumber(runs.success + runs.partial + runs.failed),
        formatNumber(runs.failed),
      ]),
    ),
    '## Health',
    table(
      ['source', 'state', 'last success', 'last new item', 'reason'],
      health.map((source) => [
        source.label,
        HEALTH_LABELS[source.state],
        formatMoment(source.lastSuccessAt),
        formatMoment(source.lastNewItemAt),
        source.reason ?? '',
      ]),
    ),
    ...(rejects.length === 0
      ? []
      : [
          '## Rejected items',
          table(
            ['source', 'reason', 'items'],
            rejects.map(({ sourceId, reason, count }) => [sourceId, reason, formatNumber(count)]),
          ),
        ]),
    ...(problems.length === 0
      ? []
      : [
          '## Problems',
          list(
            problems.map(
              ({ sourceId, at, part, message }) =>
                `${formatMoment(at)} ${cell(part === null ? sourceId : `${sourceId}, ${part}`)}: ${cell(message)}`,
            ),
          ),
        ]),
  ]
    .join('\n\n')
    .concat('\n');
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n');
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  return [headings, headings.map(() => '---'), ...rows.map((row) => row.map(cell))]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}

/** Text from outside, escaped so that it is neither markup nor the end of a cell. */
function cell(text: string): string {
  return plainText(text, MAX_TEXT_LENGTH).replaceAll(/[\\`*_{}[\]<>|#!~]/g, (character) => `\\${character}`);
}
