import type { ReportDocument } from '../database/collections/report.ts';
import type { RunDocument } from '../database/collections/run.ts';
import { HEALTH_LABELS, isUnhealthy, type SourceHealth } from '../reports/collection/health.ts';
import type { CollectionHealth } from '../reports/collection/read-health.ts';
import { numbers, renderTable } from '../text/tables.ts';
import { html, type Html } from '../text/html.ts';
import { plainText } from '../text/plain-text.ts';
import { formatMoment, formatNumber } from '../text/units.ts';

const MAX_TEXT_LENGTH = 160;

/** The health of the sources and their latest runs. */
export function renderHealth(health: CollectionHealth, runs: readonly RunDocument[]): Html {
  return html`<main>
      <h1>${formatNumber(health.documents)} documents</h1>
      <h2>Sources</h2>
      ${
        health.sources.length === 0
          ? html`<p>No sources are configured. They are listed in <code>sources.yaml</code>.</p>`
          : renderSources(health.sources)
      }
      <h2>Latest runs</h2>
      ${runs.length === 0 ? html`<p>No runs yet.</p>` : renderRuns(runs)}
    </main>
    <footer>As of ${formatMoment(health.at)}; reloads automatically. <a href="/api/health">JSON</a></footer>`;
}

function renderSources(sources: readonly SourceHealth[]): Html {
  return renderTable(
    'Sources',
    ['source', 'state', 'last success', 'last new item', 'next run'],
    sources.map(
      (source) =>
        html`<tr>
          <td class="text">
            ${source.label}<small>${formatNumber(source.documents)} documents, ${source.kind}</small>
            ${source.reason === null ? undefined : html`<small>${plainText(source.reason, MAX_TEXT_LENGTH)}</small>`}
          </td>
          <td class="${stateClass(source)}">${HEALTH_LABELS[source.state]}</td>
          <td>${formatMoment(source.lastSuccessAt)}</td>
          <td>${formatMoment(source.lastNewItemAt)}</td>
          <td>${formatMoment(source.nextRunAt)}</td>
        </tr>`,
    ),
  );
}

function stateClass({ state }: SourceHealth): string {
  if (isUnhealthy(state)) return 'bad';
  return state === 'warning' ? 'warn' : state === 'disabled' ? 'faint' : '';
}

function renderRuns(runs: readonly RunDocument[]): Html {
  return renderTable(
    'Latest runs',
    ['started', 'source', 'status', ...numbers('new', 'updated', 'duplicates', 'rejected'), 'note'],
    runs.map(({ source_id: source, started_at: at, status, trigger, counts, error, note }) => {
      const figures = [counts.new, counts.updated, counts.duplicate, counts.rejected];
      return html`<tr>
        <td>${formatMoment(at)}<small>${trigger.replace('_', '-')}</small></td>
        <td>${source}</td>
        <td class="${status === 'failed' ? 'bad' : status === 'partial' ? 'warn' : ''}">${status}</td>
        ${figures.map((count) => html`<td class="number">${formatNumber(count)}</td>`)}
        <td class="text">${plainText(error?.message ?? note ?? '', MAX_TEXT_LENGTH)}</td>
      </tr>`;
    }),
  );
}

/** The list of the collection reports. */
export function renderReports(reports: readonly Omit<ReportDocument, 'html'>[]): Html {
  return html`<main>
    <h1>Reports</h1>
    ${
      reports.length === 0
        ? html`<p>No reports yet. One is created every day, and by <code>npm run report</code>.</p>`
        : renderTable(
            'Reports',
            ['report', 'from', 'to', ...numbers('documents', 'added', 'problems')],
            reports.map(
              ({ _id: name, from, to, documents, inserted, problems }) =>
                html`<tr>
                  <td><a href="/reports/${name}">${name}</a></td>
                  <td>${formatMoment(from)}</td>
                  <td>${formatMoment(to)}</td>
                  ${[documents, inserted, problems].map(
                    (count) => html`<td class="number">${formatNumber(count)}</td>`,
                  )}
                </tr>`,
            ),
          )
    }
  </main>`;
}
