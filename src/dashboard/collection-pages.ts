import { Router } from 'express';
import type { ReportDocument, RunDocument } from '../database/collection-documents.ts';
import type { Database } from '../database/database.ts';
import { isUnhealthy, type SourceHealth } from '../reports/collection/health.ts';
import type { CollectionHealth } from '../reports/collection/read-health.ts';
import { formatMoment, formatNumber, healthText } from '../reports/collection/report-words.ts';
import { numbers, renderTable } from '../text/html-table.ts';
import { html, type Html } from '../text/html.ts';
import { plainText } from '../text/plain-text.ts';
import { renderPage, type PageFrame } from './page.ts';

/** What the pages of the collection show. */
export interface CollectionPagesOptions {
  readonly database: Database;
  readonly readHealth: () => Promise<CollectionHealth>;
  readonly navigation: PageFrame['navigation'];
}

const LISTED_RUNS = 50;
const LISTED_REPORTS = 100;
const REFRESH_SECONDS = 60;
const MAX_TEXT = 160;

/** The plain pages of document collection: health of the sources, their latest runs, the reports. */
export function createCollectionPages({ database, readHealth, navigation }: CollectionPagesOptions): Router {
  const router = Router();
  const frame: PageFrame = navigation === undefined ? {} : { navigation };
  router.get('/api/health', async (_request, response) => {
    const health = await readHealth();
    response.status(health.healthy ? 200 : 503).json(health);
  });
  router.get('/health', async (_request, response) => {
    const [health, runs] = await Promise.all([readHealth(), database.runOverview.latest(LISTED_RUNS)]);
    const body = renderHealth(health, runs);
    response.type('html').send(renderPage('Collection', body, { ...frame, refreshSeconds: REFRESH_SECONDS }));
  });
  router.get('/reports', async (_request, response) => {
    const reports = await database.reports.latest(LISTED_REPORTS);
    response.type('html').send(renderPage('Reports', renderReports(reports), frame));
  });
  router.get('/reports/:name', async (request, response, next) => {
    const report = await database.reports.find(request.params.name);
    if (report === undefined) {
      next();
      return;
    }
    response.type('html').send(report.html);
  });
  return router;
}

function renderHealth(health: CollectionHealth, runs: readonly RunDocument[]): Html {
  return html`<main>
      <h1>${formatNumber(health.documents)} documents</h1>
      <h2>Sources</h2>
      ${
        health.sources.length === 0
          ? html`<p>None is configured. <code>sources.yaml</code> lists them.</p>`
          : renderSources(health.sources)
      }
      <h2>Latest runs</h2>
      ${runs.length === 0 ? html`<p>None yet.</p>` : renderRuns(runs)}
    </main>
    <footer>As of ${formatMoment(health.at)}; loads again by itself. <a href="/api/health">JSON</a></footer>`;
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
            ${source.reason === null ? undefined : html`<small>${plainText(source.reason, MAX_TEXT)}</small>`}
          </td>
          <td class="${stateClass(source)}">${healthText(source.state)}</td>
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
    ['begun', 'source', 'status', ...numbers('new', 'updated', 'duplicates', 'rejected'), 'note'],
    runs.map(({ source_id: source, started_at: at, status, trigger, counts, error, note }) => {
      const figures = [counts.new, counts.updated, counts.duplicate, counts.rejected];
      return html`<tr>
        <td>${formatMoment(at)}<small>${trigger.replace('_', '-')}</small></td>
        <td>${source}</td>
        <td class="${status === 'failed' ? 'bad' : status === 'partial' ? 'warn' : ''}">${status}</td>
        ${figures.map((count) => html`<td class="number">${formatNumber(count)}</td>`)}
        <td class="text">${plainText(error?.message ?? note ?? '', MAX_TEXT)}</td>
      </tr>`;
    }),
  );
}

function renderReports(reports: readonly Omit<ReportDocument, 'html'>[]): Html {
  return html`<main>
    <h1>Reports</h1>
    ${
      reports.length === 0
        ? html`<p>None yet. One is made every day, and by <code>npm run report</code>.</p>`
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
