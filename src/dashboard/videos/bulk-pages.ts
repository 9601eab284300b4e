import { VIDEO_ACTIONS, type VideoActionName } from '../../operations/video-actions.ts';
import type { ShownOperation } from '../../operations/show-operation.ts';
import { queryStringOf, type VideoQuery } from '../../operations/video-query.ts';
import { VIDEO_STATUSES, type VideoStatus } from '../../domain/video-status.ts';
import { html, type Html } from '../../text/html.ts';
import type { Messages } from '../../text/messages/en.ts';
import { plainText } from '../../text/plain-text.ts';
import { renderMoment } from '../../text/render-moment.ts';
import { numbers, renderSection } from '../../text/tables.ts';
import { describeOutcomes, renderUndo } from './notices.ts';
import { describeFilters, type PlaylistChoice } from './video-filters.ts';

const MAX_NAME_LENGTH = 60;
const MAX_MESSAGE_LENGTH = 500;

/** What a person is asked to confirm. */
export interface Confirmation {
  readonly action: VideoActionName;
  readonly query: VideoQuery;
  /** The selected videos; undefined for all that match the query. */
  readonly selected: readonly string[] | undefined;
  readonly byStatus: ReadonlyMap<VideoStatus, number>;
  readonly affected: number;
  readonly playlists: readonly PlaylistChoice[];
}

/** Says what would happen to how many videos. The answer carries the filter and the number that was confirmed. */
export function renderConfirmation(confirmation: Confirmation, messages: Messages): Html {
  const { action, query, selected, affected } = confirmation;
  const { bulk } = messages.videos;
  const back = `/videos${queryStringOf(query)}`;
  const cancel = html`<a href="${back}">${bulk.cancel}</a>`;
  if (affected === 0) {
    return html`<main>
      <h1>${bulk.questions[action](affected)}</h1>
      <p>${bulk.nothing} ${cancel}</p>
      ${renderStatuses(confirmation, messages)}
    </main>`;
  }
  return html`<main>
    <h1>${bulk.questions[action](affected)}</h1>
    <p>${bulk.effects[action]}</p>
    ${selected === undefined ? renderScope(confirmation, messages) : undefined}
    <form class="actions" method="post" action="${back}">
      <input type="hidden" name="action" value="${action}" />
      <input type="hidden" name="scope" value="${selected === undefined ? 'matching' : 'selected'}" />
      <input type="hidden" name="confirmed" value="${affected}" />
      ${selected?.map((id) => html`<input type="hidden" name="id" value="${id}" />`)}
      <button>${bulk.confirm}</button> ${cancel}
    </form>
    ${renderStatuses(confirmation, messages)}
  </main>`;
}

function renderScope({ query, affected, playlists }: Confirmation, messages: Messages): Html {
  const { bulk } = messages.videos;
  const filters = describeFilters(query, playlists, messages);
  return html`<p>${bulk.scope(affected)}</p>
    <h2>${bulk.filters}</h2>
    ${
      filters.length === 0
        ? html`<p class="warn">${bulk.allVideos}</p>`
        : html`<ul>
            ${filters.map(({ text }) => html`<li>${text}</li>`)}
          </ul>`
    }`;
}

function renderStatuses({ action, byStatus }: Confirmation, messages: Messages): Html | undefined {
  const { bulk, statuses } = messages.videos;
  const found = VIDEO_STATUSES.filter((status) => (byStatus.get(status) ?? 0) > 0);
  if (found.length === 0) return undefined;
  return renderSection(
    bulk.byStatus,
    [bulk.columns.status, ...numbers(bulk.columns.videos), bulk.columns.happens],
    found.map(
      (status) =>
        html`<tr>
          <td>${statuses[status]}</td>
          <td class="number">${messages.format.number(byStatus.get(status) ?? 0)}</td>
          <td>${VIDEO_ACTIONS[action].statuses.includes(status) ? bulk.changes : bulk.staysAsItIs}</td>
        </tr>`,
    ),
  );
}

/** An operation on many videos: how far it is, and what has come of it. */
export function renderOperation(
  operation: ShownOperation,
  state: 'running' | 'finished' | 'interrupted' | 'failed',
  canChange: boolean,
  messages: Messages,
): Html {
  const { run } = messages.videos;
  const { progress, outcomes, canBeUndone, user, at } = operation;
  const title = operationTitle(operation, messages);
  return html`<main>
    <h1>${title}</h1>
    <p class="${state === 'failed' ? 'bad' : state === 'interrupted' ? 'warn' : ''}" role="status">
      ${run.states[state]}
    </p>
    ${
      progress === undefined
        ? undefined
        : html`<p>
            <progress
              max="${Math.max(1, progress.total)}"
              value="${progress.done}"
              aria-label="${title}"
            ></progress>
            ${run.progress(progress.done, progress.total)}
          </p>`
    }
    ${state === 'running' && outcomes.size === 0 ? undefined : html`<p>${describeOutcomes(outcomes, messages)}</p>`}
    ${
      progress?.error === undefined
        ? undefined
        : html`<p class="bad">${run.error}: ${plainText(progress.error, MAX_MESSAGE_LENGTH)}</p>`
    }
    <p class="faint">
      ${run.by(user === null ? run.somebody : plainText(user, MAX_NAME_LENGTH))},
      ${renderMoment(at, messages)}
    </p>
    ${canBeUndone && canChange ? renderUndo(operation, messages) : undefined}
    <p><a href="/videos">${run.back}</a></p>
  </main>`;
}

/** What an operation is called. */
export function operationTitle({ operation }: ShownOperation, { videos }: Messages): string {
  return new Map<string, string>(Object.entries(videos.run.titles)).get(operation) ?? operation;
}
