import { QUEUE_NAMES } from '../../domain/queues.ts';
import { html, type Html } from '../../text/html.ts';
import { markedCommands } from '../../text/marked-commands.ts';
import { renderMoment } from '../../text/render-moment.ts';
import { numbers, renderSection } from '../../text/tables.ts';
import { ALL_QUEUES } from './overview-actions.ts';
import { actionButton, cut, itemLink } from './parts.ts';
import { secondsLeft } from './trouble.ts';
import type { View } from './view.ts';

/** Each queue with its oldest waiting job, and whether a person has paused it. */
export function renderQueues(view: View): Html {
  const { messages, canChange, overview } = view;
  const { queues: texts, actions, duration, none } = messages.overview;
  const { queues, pausedQueues } = overview.status;
  const paused = new Set(pausedQueues.map(({ queue }) => queue));
  const rows = QUEUE_NAMES.map((name) => {
    const { waiting, active, delayed, failed, completed, oldestWaitingSeconds: oldest } = queues[name];
    const isPaused = paused.has(name);
    return html`<tr>
      <td>
        <a href="/queues/queue/${name}">${name}</a>
        ${isPaused ? html`<small class="warn">${texts.isPaused}</small>` : undefined}
      </td>
      ${[waiting, active, delayed, failed, completed].map(
        (value) => html`<td class="number">${messages.format.number(value)}</td>`,
      )}
      <td class="number">${oldest === null ? none : duration(oldest)}</td>
      ${
        canChange
          ? html`<td>
              ${
                isPaused
                  ? actionButton('resume-queue', name, actions.resume, view)
                  : actionButton('pause-queue', name, actions.pause, view)
              }
            </td>`
          : undefined
      }
    </tr>`;
  });
  const headings = [
    texts.queue,
    ...numbers(texts.waiting, texts.active, texts.delayed, texts.failed, texts.completed, texts.oldest),
    ...(canChange ? [texts.change] : []),
  ];
  return html`${renderSection(texts.title, headings, rows)}
    ${queues.collect.failed === 0 ? undefined : html`<p class="faint">${markedCommands(texts.failedRuns)}</p>`}
    <div class="actions">
      ${actionButton('pause-queue', ALL_QUEUES, actions.pauseAll, view)}
      ${paused.size === 0 ? undefined : actionButton('resume-queue', ALL_QUEUES, actions.resumeAll, view)}
    </div>`;
}

/** How full staging is, and how far the mirror is behind. */
export function renderStores({ overview: { staging, mirror }, messages }: View): Html {
  const { format, overview } = messages;
  const { stores: texts } = overview;
  const fact = (name: string, value: string | Html, isBad = false) =>
    html`<dt>${name}</dt>
      <dd class="${isBad ? 'bad' : ''}">${value}</dd>`;
  const last = mirror?.lastComparison ?? null;
  return html`<h2>${texts.title}</h2>
    <dl class="facts">
      ${
        staging === null
          ? fact(texts.staging, texts.notHere)
          : html`${fact(
              texts.staging,
              html`${texts.stagingFill(
                  texts.files(staging.files, staging.maxFiles),
                  format.bytes(staging.bytes),
                  format.bytes(staging.maxBytes),
                )}
                <meter
                  aria-label="${texts.staging}"
                  min="0"
                  max="1"
                  value="${stagingFill(staging).toFixed(3)}"
                ></meter>`,
            )}
            ${
              staging.freeBytes === null
                ? undefined
                : fact(texts.free, format.bytes(staging.freeBytes), staging.freeBytes < staging.minFreeBytes)
            }`
      }
      ${
        mirror === null
          ? fact(texts.mirrorWaiting, texts.noMirror)
          : html`${fact(texts.mirrorWaiting, format.number(mirror.waiting))}
            ${
              mirror.oldestStoredAt === null
                ? undefined
                : fact(texts.mirrorOldest, renderMoment(mirror.oldestStoredAt, messages))
            }
            ${
              last === null
                ? fact(texts.mirrorDrift, texts.noComparison)
                : fact(
                    texts.mirrorDrift,
                    html`${format.number(last.drift)}
                    (${renderMoment(last.at, messages)}${last.isComplete ? '' : `, ${texts.incomplete}`})`,
                    last.drift > 0,
                  )
            }`
      }
    </dl>`;
}

/** The larger share of what may be there, by number and by bytes. */
function stagingFill(staging: {
  readonly files: number;
  readonly maxFiles: number;
  readonly bytes: number;
  readonly maxBytes: number;
}): number {
  return Math.min(1, Math.max(staging.files / staging.maxFiles, staging.bytes / staging.maxBytes));
}

/** The egress addresses with their budgets. */
export function renderEgress({ overview: { status }, messages }: View): Html | undefined {
  const { egress, at } = status;
  if (egress.length === 0) return undefined;
  const { format, overview } = messages;
  const { egress: texts, duration } = overview;
  const rows = egress.map((one) => {
    const { identity, state, usedLastHour: used, budgetPerHour: budget, nextStartSeconds: next } = one;
    const circuit =
      state === 'closed'
        ? texts.serves
        : state === 'open'
          ? texts.rests(duration(secondsLeft(one, at)))
          : texts.probed;
    return html`<tr>
      <td>${cut(identity)}</td>
      <td class="${state === 'closed' ? '' : 'warn'}">${circuit}</td>
      <td class="number">${budget === null ? format.number(used) : texts.of(used, budget)}</td>
      <td>${next === 0 ? texts.now : texts.in(duration(next))}</td>
      <td class="text">${one.item === null ? undefined : itemLink(one.item)} ${one.reason ?? ''}</td>
    </tr>`;
  });
  const headings = [texts.address, texts.state, ...numbers(texts.starts), texts.next, texts.reason];
  return renderSection(texts.title, headings, rows);
}
