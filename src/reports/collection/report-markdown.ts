import type { Messages } from '../../text/messages/en.ts';
import { plainText } from '../../text/plain-text.ts';
import { describeCause } from './health-cause.ts';
import { describeProblem, formatPeriod, placeOf, type CollectionReport } from './report.ts';

const MAX_TEXT_LENGTH = 160;

/** The report as GitHub Markdown, for the summary page of a workflow. */
export function formatReportMarkdown(report: CollectionReport, messages: Messages): string {
  const { totals, sources, health, rejects, problems, audio, snapshot } = report;
  const { words, format, report: texts } = messages;
  return [
    `# ${texts.title}`,
    formatPeriod(report, messages),
    list([
      texts.totals(totals.documents),
      texts.counts(totals),
      texts.audioLine(audio.hours, audio.bytes, audio.unmirrored),
      snapshot === null
        ? texts.noSnapshot
        : messages.digest.snapshot(snapshot.name, snapshot.verifiedAt !== null),
    ]),
    `## ${texts.sources}`,
    table(
      [
        ...[words.source, words.documents, words.new, words.updated, words.duplicates, words.rejected],
        ...[words.runs, words.failed],
      ],
      sources.map(({ label, documents, counts, runs }) => [
        label,
        ...[documents, counts.new, counts.updated, counts.duplicate, counts.rejected].map(format.number),
        format.number(runs.success + runs.partial + runs.failed),
        format.number(runs.failed),
      ]),
    ),
    `## ${messages.health.title}`,
    table(
      [words.source, words.state, words.lastSuccess, words.lastNewItem, words.reason],
      health.map(({ label, state, lastSuccessAt, lastNewItemAt, cause }) => [
        label,
        messages.health.states[state],
        format.moment(lastSuccessAt),
        format.moment(lastNewItemAt),
        cause === null ? '' : describeCause(cause, messages),
      ]),
    ),
    ...(rejects.length === 0
      ? []
      : [
          `## ${texts.rejected}`,
          table(
            [words.source, words.reason, words.items],
            rejects.map(({ label, reason, count }) => [label, reason, format.number(count)]),
          ),
        ]),
    ...(problems.length === 0
      ? []
      : [
          `## ${texts.problems}`,
          list(
            problems.map((problem) => {
              return `${format.moment(problem.at)} ${messages.digest.line(cell(placeOf(problem)), cell(describeProblem(problem, messages)))}`;
            }),
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
