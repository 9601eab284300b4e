import { html, Html, type HtmlValue } from '../../text/html.ts';
import { numbers, renderTable } from '../../text/html-table.ts';
import { plainText } from '../../text/plain-text.ts';
import { formatBytes } from '../../text/units.ts';
import { renderBarChart } from '../../text/bar-chart.ts';
import { formatMoment, formatNumber, healthText, periodText } from './report-words.ts';
import type { CollectionReport } from './report.ts';

const MAX_MESSAGE = 240;

/** Of its own: the page is read as a file and as an attachment, without any server. */
const STYLE = new Html(`<style>
:root { color-scheme: light dark; --ground: #fafaf7; --card: #fff; --ink: #1d2125; --faint: #5b636b; --line: #e1e1da;
  --accent: #0b6e4f; --bad: #b3261e; --warn: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171a; --card: #1d2125; --ink: #e6e6e1; --faint: #9aa3ab;
  --line: #31373d; --accent: #5fc9a4; --bad: #ff8a80; --warn: #f0b95a; } }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 68rem; margin: 0 auto; padding: 1.25rem; }
h1 { font-size: 1.5rem; margin: .25rem 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .6rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .75rem; margin: 1.2rem 0; }
.figures div { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .9rem; }
.figures dt { color: var(--faint); font-size: .85rem; }
.figures dd { margin: 0; font-size: 1.4rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .4rem .8rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--faint); font-size: .85rem; white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.text { min-width: 14rem; overflow-wrap: anywhere; }
.stale, .never, .failing, .failed { color: var(--bad); } .warning, .partial { color: var(--warn); }
.disabled, .faint, small { color: var(--faint); } small { display: block; }
.chart { width: 100%; height: auto; } .chart rect { fill: var(--accent); } .chart line { stroke: var(--line); }
.chart text { fill: var(--faint); font-size: 9px; }
.moment { white-space: nowrap; }
</style>`);

/** A report as one self-contained page. */
export function formatReportHtml(report: CollectionReport): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Collection report, ${periodText(report)} · Sonothèque</title>
        ${STYLE}
      </head>
      <body>
        ${renderReport(report)}
      </body>
    </html> `.markup;
}

/** The report without the frame of a page. */
function renderReport(report: CollectionReport): Html {
  return html`<main>
    <h1>Collection report</h1>
    <p class="faint">${periodText(report)}</p>
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
  return html`<h2>Sources</h2>
    ${table(
      'Sources',
      ['source', 'kind'],
      ['documents', 'new', 'updated', 'duplicates', 'rejected', 'runs', 'failed', 'received'],
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
      Content that two sources have is credited to the one that had it first; for the other it is a duplicate.
    </p>`;
}

function renderKinds({ kinds }: CollectionReport): Html {
  return html`<h2>Kinds</h2>
    ${table(
      'Kinds',
      ['kind'],
      ['documents', 'added'],
      kinds.map(({ kind, documents, inserted }) => [kind, documents, inserted]),
    )}`;
}

function renderHealth({ health }: CollectionReport): Html {
  const rows = health.map(
    (source) =>
      html`<tr>
        <td class="text">${source.label}<small>${plainText(source.reason ?? '', MAX_MESSAGE)}</small></td>
        <td class="${source.state}">${healthText(source.state)}</td>
        <td class="moment">${formatMoment(source.lastSuccessAt)}</td>
        <td class="moment">${formatMoment(source.lastNewItemAt)}</td>
        <td class="number">${source.errorAfterHours} h</td>
        <td class="moment">${formatMoment(source.nextRunAt)}</td>
      </tr>`,
  );
  return html`<h2>Health</h2>
    ${renderTable(
      'Health',
      ['source', 'state', 'last success', 'last new item', ...numbers('limit'), 'next run'],
      rows,
    )}`;
}

function renderRejects({ rejects }: CollectionReport): Html | undefined {
  if (rejects.length === 0) return undefined;
  return html`<h2>Rejected items</h2>
    ${table(
      'Rejected items',
      ['source', 'reason'],
      ['items'],
      rejects.map(({ sourceId, reason, count }) => [sourceId, reason, count]),
    )}`;
}

function renderProblems({ problems }: CollectionReport): Html {
  if (problems.length === 0) {
    return html`<h2>Problems</h2>
      <p>None in this time.</p>`;
  }
  const rows = problems.map(
    ({ sourceId, at, part, class: errorClass, message }) =>
      html`<tr>
        <td class="moment">${formatMoment(at)}</td>
        <td>
          ${sourceId}${part === null ? undefined : html`<small>${plainText(part, MAX_MESSAGE)}</small>`}
        </td>
        <td>${errorClass ?? '–'}</td>
        <td class="text">${plainText(message, MAX_MESSAGE)}</td>
      </tr>`,
  );
  return html`<h2>Problems</h2>
    ${renderTable('Problems', ['when', 'source', 'class', 'what happened'], rows)}`;
}

function renderAudio({ audio }: CollectionReport): Html {
  return html`<h2>Audio</h2>
    <dl class="figures">
      ${[
        figure('videos', audio.videos.total),
        figure('audio stored', `${audio.hours.toFixed(1)} h`),
        figure('size stored', formatBytes(audio.bytes)),
        figure('mirrored', audio.videos.mirrored),
        figure('wait for the mirror', audio.unmirrored ?? 'no mirror'),
        figure('failed', audio.videos.failed),
      ]}
    </dl>`;
}

function renderSnapshot({ snapshot }: CollectionReport): Html {
  const text =
    snapshot === null
      ? 'There is none yet.'
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

/** The first columns are text, the others numbers. */
function table(
  label: string,
  texts: readonly string[],
  numeric: readonly string[],
  rows: readonly (readonly HtmlValue[])[],
): Html {
  return renderTable(
    label,
    [...texts, ...numbers(...numeric)],
    rows.map(
      (cells) =>
        html`<tr>
          ${cells.map((cell, index) =>
            index < texts.length
              ? html`<td>${cell}</td>`
              : html`<td class="number">${typeof cell === 'number' ? formatNumber(cell) : cell}</td>`,
          )}
        </tr>`,
    ),
  );
}
