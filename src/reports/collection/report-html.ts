import { html, Html, type HtmlValue } from '../../text/html.ts';
import { BASE_STYLE } from '../../text/page-style.ts';
import { numbers, renderSection, type Heading } from '../../text/tables.ts';
import { plainText } from '../../text/plain-text.ts';
import { formatBytes, formatMoment, formatNumber } from '../../text/units.ts';
import { renderBarChart } from '../../text/bar-chart.ts';
import { HEALTH_LABELS } from './health.ts';
import { formatPeriod, type CollectionReport } from './report.ts';

const MAX_TEXT_LENGTH = 240;

/** Inline, because the page is also read as a file and as an attachment. */
const STYLE = new Html(`<style>
${BASE_STYLE}
.stale, .never, .failing, .failed { color: var(--bad); } .warning, .partial { color: var(--warn); }
.disabled { color: var(--faint); }
.chart { width: 100%; height: auto; } .chart rect { fill: var(--accent); } .chart line { stroke: var(--line); }
.chart text { fill: var(--faint); font-size: 9px; }
.moment { white-space: nowrap; } .figures { margin: 1.2rem 0; }
</style>`);

/** The report as one self-contained HTML page. */
export function formatReportHtml(report: CollectionReport): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Collection report, ${formatPeriod(report)} · Sonothèque</title>
        ${STYLE}
      </head>
      <body>
        ${renderReport(report)}
      </body>
    </html> `.markup;
}

function renderReport(report: CollectionReport): Html {
  return html`<main>
    <h1>Collection report</h1>
    <p class="faint">${formatPeriod(report)}</p>
    ${renderTotals(report)}
    <h2>Growth: documents added each day</h2>
    ${renderBarChart(
      'Documents added each day',
      report.growth.map(({ day, inserted }) => ({ label: day, value: inserted })),
    )}
    ${renderSources(report)} ${renderKinds(report)} ${renderHealth(report)} ${renderRejects(report)}
    ${renderProblems(report)} ${renderAudio(report)} ${renderSnapshot(report)}
  </main>`;
}

function renderTotals({ totals }: CollectionReport): Html {
  return html`<dl class="figures">
    ${[
      figure('documents', totals.documents),
      figure('new', totals.new),
      figure('updated', totals.updated),
      figure('duplicates', totals.duplicate),
      figure('rejected', totals.rejected),
      figure('audio found', totals.media),
    ]}
  </dl>`;
}

function renderSources({ sources }: CollectionReport): Html {
  const counted = ['documents', 'new', 'updated', 'duplicates', 'rejected', 'runs', 'failed', 'received'];
  return html`${tableSection(
      'Sources',
      ['source', 'kind', ...numbers(...counted)],
      sources.map(({ id, label, kind, documents, counts, runs, bytes }) => [
        html`${label}<small>${id}</small>`,
        kind,
        documents,
        counts.new,
        counts.updated,
        counts.duplicate,
        counts.rejected,
        runs.success + runs.partial + runs.failed,
        runs.failed,
        formatBytes(bytes),
      ]),
    )}
    <p class="faint">
      Content that two sources have counts for the one that had it first; for the other it is a duplicate.
    </p>`;
}

function renderKinds({ kinds }: CollectionReport): Html {
  return tableSection(
    'Kinds',
    ['kind', ...numbers('documents', 'added')],
    kinds.map(({ kind, documents, inserted }) => [kind, documents, inserted]),
  );
}

function renderHealth({ health }: CollectionReport): Html {
  const rows = health.map(
    (source) =>
      html`<tr>
        <td class="text">${source.label}<small>${plainText(source.reason ?? '', MAX_TEXT_LENGTH)}</small></td>
        <td class="${source.state}">${HEALTH_LABELS[source.state]}</td>
        <td class="moment">${formatMoment(source.lastSuccessAt)}</td>
        <td class="moment">${formatMoment(source.lastNewItemAt)}</td>
        <td class="number">${source.errorAfterHours} h</td>
        <td class="moment">${formatMoment(source.nextRunAt)}</td>
      </tr>`,
  );
  const headings = ['source', 'state', 'last success', 'last new item', ...numbers('limit'), 'next run'];
  return renderSection('Health', headings, rows);
}

function renderRejects({ rejects }: CollectionReport): Html | undefined {
  if (rejects.length === 0) return undefined;
  return tableSection(
    'Rejected items',
    ['source', 'reason', ...numbers('items')],
    rejects.map(({ sourceId, reason, count }) => [sourceId, reason, count]),
  );
}

function renderProblems({ problems }: CollectionReport): Html {
  if (problems.length === 0) {
    return html`<h2>Problems</h2>
      <p>None in this period.</p>`;
  }
  const rows = problems.map(
    ({ sourceId, at, part, class: errorClass, message }) =>
      html`<tr>
        <td class="moment">${formatMoment(at)}</td>
        <td>
          ${sourceId}${part === null ? undefined : html`<small>${plainText(part, MAX_TEXT_LENGTH)}</small>`}
        </td>
        <td>${errorClass ?? '–'}</td>
        <td class="text">${plainText(message, MAX_TEXT_LENGTH)}</td>
      </tr>`,
  );
  return renderSection('Problems', ['when', 'source', 'class', 'error'], rows);
}

function renderAudio({ audio }: CollectionReport): Html {
  return html`<h2>Audio</h2>
    <dl class="figures">
      ${[
        figure('videos', audio.videos.total),
        figure('audio stored', `${audio.hours.toFixed(1)} h`),
        figure('size stored', formatBytes(audio.bytes)),
        figure('mirrored', audio.videos.mirrored),
        figure('not mirrored yet', audio.unmirrored ?? 'no mirror'),
        figure('failed', audio.videos.failed),
      ]}
    </dl>`;
}

function renderSnapshot({ snapshot }: CollectionReport): Html {
  const text =
    snapshot === null
      ? 'No snapshot yet.'
      : `${snapshot.name}, ${snapshot.sizeBytes === null ? 'of unknown size' : formatBytes(snapshot.sizeBytes)}, ${snapshot.verifiedAt === null ? 'not verified' : `verified ${formatMoment(snapshot.verifiedAt)}`}`;
  return html`<h2>Last snapshot</h2>
    <p>${text}</p>`;
}

function figure(name: string, value: number | string): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${typeof value === 'number' ? formatNumber(value) : value}</dd>
  </div>`;
}

/** A section with a table of plain cells. */
function tableSection(
  title: string,
  headings: readonly Heading[],
  rows: readonly (readonly HtmlValue[])[],
): Html {
  const renderCell = (cell: HtmlValue, index: number) =>
    typeof headings[index] === 'string'
      ? html`<td>${cell}</td>`
      : html`<td class="number">${typeof cell === 'number' ? formatNumber(cell) : cell}</td>`;
  return renderSection(
    title,
    headings,
    rows.map(
      (cells) =>
        html`<tr>
          ${cells.map(renderCell)}
        </tr>`,
    ),
  );
}
