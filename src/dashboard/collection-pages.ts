import type { ReportDocument } from '../database/collections/report.ts';
import type { RunDocument } from '../database/collections/run.ts';
import { describeCause } from '../reports/collection/health-cause.ts';
import { isUnhealthy, type SourceHealth } from '../reports/collection/health.ts';
import type { CollectionHealth } from '../reports/collection/read-health.ts';
import { html, type Html } from '../text/html.ts';
import type { Messages } from '../text/messages/en.ts';
import type { OverviewNotice } from './overview/overview-actions.ts';
import { plainText } from '../text/plain-text.ts';
import { renderMoment } from '../text/render-moment.ts';
import { numbers, renderTable } from '../text/tables.ts';

const MAX_TEXT_LENGTH = 300;

interface HealthPage {
  readonly messages: Messages;
  readonly canChange: boolean;
  /** What came of the last action. */
  readonly notice: OverviewNotice | undefined;
}

/** The health of the sources, the worst first, and their latest runs. */
export function renderHealth(
  health: CollectionHealth,
  runs: readonly RunDocument[],
  { messages, canChange, notice }: HealthPage,
): Html {
  const { health: texts } = messages;
  const labels = new Map(health.sources.map(({ id, label }) => [id, label]));
  return html`<main>
      <h1>${texts.documents(health.documents)}</h1>
      ${
        health.countedAt === null
          ? undefined
          : html`<p>
              <small>${messages.videos.countedAt} ${renderMoment(health.countedAt, messages)}</small>
            </p>`
      }
      ${notice && html`<p class="notice" role="status">${messages.overview.notices[notice]}</p>`}
      <h2>${texts.sources}</h2>
      ${
        health.sources.length === 0
          ? html`<p>${texts.noSources}</p>`
          : renderSources(health.sources, messages, canChange)
      }
      <h2>${texts.latestRuns}</h2>
      ${runs.length === 0 ? html`<p>${texts.noRuns}</p>` : renderRuns(runs, labels, messages)}
    </main>
    <footer>${texts.asOf} ${renderMoment(health.at, messages)} <a href="/api/health">JSON</a></footer>`;
}

function renderSources(sources: readonly SourceHealth[], messages: Messages, canChange: boolean): Html {
  const { words, health: texts } = messages;
  return renderTable(
    texts.sources,
    [words.source, words.state, words.lastSuccess, words.lastNewItem, words.nextRun],
    sources.map(
      (source) =>
        html`<tr>
          <td class="text">
            ${source.label}<small>${texts.documents(source.documents)}, ${source.kind}</small>
            ${
              source.cause === null
                ? undefined
                : html`<small>${plainText(describeCause(source.cause, messages), MAX_TEXT_LENGTH)}</small>`
            }
            ${canChange && source.state !== 'disabled' ? renderCollect(source, messages) : undefined}
          </td>
          <td class="${stateClass(source)}">${texts.states[source.state]}</td>
          <td>${renderMoment(source.lastSuccessAt, messages)}</td>
          <td>${renderMoment(source.lastNewItemAt, messages)}</td>
          <td>${renderMoment(source.nextRunAt, messages)}</td>
        </tr>`,
    ),
  );
}

/** The button names the source, for those who hear it and not see its row. */
function renderCollect({ id, label }: SourceHealth, { overview: { actions } }: Messages): Html {
  return html`<form method="post" action="/actions">
    <input type="hidden" name="target" value="${id}" />
    <button
      class="plain"
      name="action"
      value="run-source"
      aria-label="${actions.with(actions.collectNow, label)}"
    >
      ${actions.collectNow}
    </button>
  </form>`;
}

function stateClass({ state }: SourceHealth): string {
  if (isUnhealthy(state)) return 'bad';
  return state === 'warning' ? 'warn' : state === 'disabled' ? 'faint' : '';
}

function renderRuns(
  runs: readonly RunDocument[],
  labels: ReadonlyMap<string, string>,
  messages: Messages,
): Html {
  const { words, runs: texts, health, format } = messages;
  return renderTable(
    health.latestRuns,
    [
      ...[words.started, words.source, words.status],
      ...numbers(words.new, words.updated, words.duplicates, words.rejected),
      words.note,
    ],
    runs.map(({ source_id: source, started_at: at, status, trigger, counts, error, note }) => {
      const figures = [counts.new, counts.updated, counts.duplicate, counts.rejected];
      return html`<tr>
        <td>${renderMoment(at, messages)}<small>${texts.triggers[trigger]}</small></td>
        <td>${labels.get(source) ?? source}</td>
        <td class="${status === 'failed' ? 'bad' : status === 'partial' ? 'warn' : ''}">
          ${texts.statuses[status]}
        </td>
        ${figures.map((count) => html`<td class="number">${format.number(count)}</td>`)}
        <td class="text">${plainText(error?.message ?? note ?? '', MAX_TEXT_LENGTH)}</td>
      </tr>`;
    }),
  );
}

/** The list of the collection reports. */
export function renderReports(reports: readonly Omit<ReportDocument, 'html'>[], messages: Messages): Html {
  const { words, report: texts, format } = messages;
  return html`<main>
    <h1>${texts.list}</h1>
    ${
      reports.length === 0
        ? html`<p>${texts.noReports}</p>`
        : renderTable(
            texts.list,
            [words.report, words.from, words.to, ...numbers(words.documents, words.added, words.problems)],
            reports.map(
              ({ _id: name, from, to, documents, inserted, problems }) =>
                html`<tr>
                  <td><a href="/reports/${name}">${name}</a></td>
                  <td>${renderMoment(from, messages)}</td>
                  <td>${renderMoment(to, messages)}</td>
                  ${[documents, inserted, problems].map(
                    (count) => html`<td class="number">${format.number(count)}</td>`,
                  )}
                </tr>`,
            ),
          )
    }
  </main>`;
}
