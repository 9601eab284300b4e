import { html, Html, type HtmlValue } from '../../text/html.ts';
import { BASE_STYLE } from '../../text/page-style.ts';
import { numbers, renderSection, type Heading } from '../../text/tables.ts';
import { plainText } from '../../text/plain-text.ts';
import { renderBarChart } from '../../text/bar-chart.ts';
import type { Messages } from '../../text/messages/en.ts';
import { describeCause } from './health-cause.ts';
import { describeProblem, formatPeriod, type CollectionReport } from './report.ts';

const MAX_TEXT_LENGTH = 240;

/** Inline, because the page is also read as a file and as an attachment. */
const STYLE = new Html(`<style>
${BASE_STYLE}
.stale, .never, .failing, .failed { color: var(--bad); } .warning, .partial { color: var(--warn); }
.disabled { color: var(--faint); }
.chart { width: 100%; height: auto; } .chart rect { fill: var(--accent); } .chart line { stroke: var(--line); }
.chart text { fill: var(--faint); font-size: 9px; }
@media (max-width: 40rem) { .chart text { font-size: 15px; } }
.moment { white-space: nowrap; } .figures { margin: 1.2rem 0; }
</style>`);

/** The report as one self-contained HTML page. */
export function formatReportHtml(report: CollectionReport, messages: Messages): string {
  return html`<!doctype html>
    <html lang="${messages.language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${messages.report.title}, ${formatPeriod(report, messages)} · Sonothèque</title>
        ${STYLE}
      </head>
      <body>
        ${renderReport(report, messages)}
      </body>
    </html> `.markup;
}

function renderReport(report: CollectionReport, messages: Messages): Html {
  const { report: texts, format } = messages;
  return html`<main>
    <h1>${texts.title}</h1>
    <p class="faint">${formatPeriod(report, messages)}</p>
    ${renderTotals(report, messages)}
    <h2>${texts.growth}</h2>
    ${renderBarChart(
      texts.growthChart,
      report.growth.map(({ day, inserted }) => ({ label: format.day(day), value: inserted })),
      { allZero: texts.noGrowth, number: format.number },
    )}
    ${renderSources(report, messages)} ${renderKinds(report, messages)} ${renderHealth(report, messages)}
    ${renderRejects(report, messages)} ${renderProblems(report, messages)} ${renderAudio(report, messages)}
    ${renderSnapshot(report, messages)}
  </main>`;
}

function renderTotals({ totals }: CollectionReport, messages: Messages): Html {
  const { words, report: texts } = messages;
  const figures: readonly (readonly [string, number])[] = [
    [words.documents, totals.documents],
    [words.new, totals.new],
    [words.updated, totals.updated],
    [words.duplicates, totals.duplicate],
    [words.rejected, totals.rejected],
    [texts.audioFound, totals.media],
  ];
  return renderFigures(figures.map(([name, value]) => [name, messages.format.number(value)] as const));
}

function renderSources({ sources }: CollectionReport, messages: Messages): Html {
  const { words, report: texts, format } = messages;
  const counted = [
    ...[words.documents, words.new, words.updated, words.duplicates, words.rejected],
    ...[words.runs, words.failed, words.received],
  ];
  return html`${tableSection(
      texts.sources,
      [words.source, words.kind, ...numbers(...counted)],
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
        format.bytes(bytes),
      ]),
      messages,
    )}
    <p class="faint">${texts.credit}</p>`;
}

function renderKinds({ kinds }: CollectionReport, messages: Messages): Html {
  const { words, report: texts } = messages;
  return tableSection(
    texts.kinds,
    [words.kind, ...numbers(words.documents, words.added)],
    kinds.map(({ kind, documents, inserted }) => [kind, documents, inserted]),
    messages,
  );
}

function renderHealth({ health }: CollectionReport, messages: Messages): Html {
  const { words, health: texts, format } = messages;
  const rows = health.map((source) => {
    const reason = source.cause === null ? '' : describeCause(source.cause, messages);
    return html`<tr>
      <td class="text">${source.label}<small>${plainText(reason, MAX_TEXT_LENGTH)}</small></td>
      <td class="${source.state}">${texts.states[source.state]}</td>
      <td class="moment">${format.moment(source.lastSuccessAt)}</td>
      <td class="moment">${format.moment(source.lastNewItemAt)}</td>
      <td class="number">${format.number(source.errorAfterHours)} h</td>
      <td class="moment">${format.moment(source.nextRunAt)}</td>
    </tr>`;
  });
  const headings = [
    ...[words.source, words.state, words.lastSuccess, words.lastNewItem],
    ...numbers(words.limit),
    words.nextRun,
  ];
  return renderSection(texts.title, headings, rows);
}

function renderRejects({ rejects }: CollectionReport, messages: Messages): Html | undefined {
  if (rejects.length === 0) return undefined;
  const { words, report: texts } = messages;
  return tableSection(
    texts.rejected,
    [words.source, words.reason, ...numbers(words.items)],
    rejects.map(({ label, reason, count }) => [label, reason, count]),
    messages,
  );
}

function renderProblems({ problems }: CollectionReport, messages: Messages): Html {
  const { words, report: texts, format } = messages;
  if (problems.length === 0) {
    return html`<h2>${texts.problems}</h2>
      <p>${texts.noProblems}</p>`;
  }
  const rows = problems.map((problem) => {
    const { label, at, part, class: errorClass } = problem;
    return html`<tr>
      <td class="moment">${format.moment(at)}</td>
      <td>${label}${part === null ? undefined : html`<small>${plainText(part, MAX_TEXT_LENGTH)}</small>`}</td>
      <td>${errorClass ?? '–'}</td>
      <td class="text">${plainText(describeProblem(problem, messages), MAX_TEXT_LENGTH)}</td>
    </tr>`;
  });
  return renderSection(texts.problems, [words.when, words.source, words.class, words.error], rows);
}

function renderAudio({ audio }: CollectionReport, messages: Messages): Html {
  const { report: texts, format } = messages;
  const { videos, unmirrored } = audio;
  return html`<h2>${texts.audio}</h2>
    ${renderFigures([
      [texts.videos, format.number(videos.total)],
      [texts.audioStored, `${format.decimal(audio.hours)} h`],
      [texts.sizeStored, format.bytes(audio.bytes)],
      [texts.mirrored, format.number(videos.mirrored)],
      [texts.notMirrored, unmirrored === null ? texts.noMirror : format.number(unmirrored)],
      [texts.failedVideos, format.number(videos.failed)],
    ])}`;
}

function renderSnapshot({ snapshot }: CollectionReport, { report: texts, format }: Messages): Html {
  const heading = html`<h2>${texts.snapshot}</h2>`;
  if (snapshot === null)
    return html`${heading}
      <p>${texts.noSnapshot}</p>`;
  const { name, sizeBytes, verifiedAt } = snapshot;
  const size = sizeBytes === null ? texts.unknownSize : format.bytes(sizeBytes);
  const verification = verifiedAt === null ? texts.notVerified : texts.verifiedAt(format.moment(verifiedAt));
  return html`${heading}
    <p>${name}, ${size}, ${verification}</p>`;
}

function renderFigures(figures: readonly (readonly [name: string, value: string])[]): Html {
  return html`<dl class="figures">
    ${figures.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

/** A section with a table of plain cells. */
function tableSection(
  title: string,
  headings: readonly Heading[],
  rows: readonly (readonly HtmlValue[])[],
  { format }: Messages,
): Html {
  const renderCell = (cell: HtmlValue, index: number) =>
    typeof headings[index] === 'string'
      ? html`<td>${cell}</td>`
      : html`<td class="number">${typeof cell === 'number' ? format.number(cell) : cell}</td>`;
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
