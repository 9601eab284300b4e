import type { EgressStatus } from '../../egress/egress-status.ts';
import { groupPauses, statusWarnings } from '../../reports/status.ts';
import { html, type Html } from '../../text/html.ts';
import { markedCommands } from '../../text/marked-commands.ts';
import { renderMoment } from '../../text/render-moment.ts';
import { actionButton, canBeSkipped, cut, itemLink } from './parts.ts';
import type { View } from './view.ts';

/** The reason of a pause contains the figures that explain it. */
const MAX_REASON_LENGTH = 240;
const MAX_NAME_LENGTH = 60;

/** One thing that keeps the archive from going on, or endangers it. */
interface Trouble {
  readonly level: 'bad' | 'warn';
  readonly head: string;
  readonly details?: Html | undefined;
  readonly advice?: string | undefined;
  readonly buttons?: readonly (Html | undefined)[];
}

/** What is paused or rests, because of which item, and what can be done about it; the worst first. */
export function renderTrouble(view: View): Html {
  const { trouble: texts } = view.messages.overview;
  const all = [
    ...faults(view),
    ...rests(view),
    ...pausedQueues(view),
    ...drift(view),
    ...failedVideos(view),
    ...warnings(view),
    ...backPressure(view),
  ];
  return html`<section aria-labelledby="trouble">
    <h2 id="trouble">${texts.title}</h2>
    ${
      all.length === 0
        ? html`<p class="calm">${texts.nothing}</p>`
        : html`<ul class="troubles">
            ${all.map(renderOne)}
          </ul>`
    }
  </section>`;
}

function renderOne({ level, head, details, advice, buttons = [] }: Trouble): Html {
  const shown = buttons.filter((button) => button !== undefined);
  return html`<li class="${level}">
    <strong>${head}</strong> ${details}
    ${advice === undefined ? undefined : html`<small>${markedCommands(advice)}</small>`}
    ${shown.length === 0 ? undefined : html`<div class="actions">${shown}</div>`}
  </li>`;
}

function pausesOf(kind: 'fault' | 'back_pressure', { overview: { status } }: View) {
  return groupPauses(status.pauses).filter((pause) => pause.kind === kind);
}

function faults(view: View): Trouble[] {
  const { messages, overview } = view;
  const { trouble: texts, duration, actions } = messages.overview;
  return pausesOf('fault', view).map((pause) => ({
    level: 'bad',
    head: texts.fault(pause.queue, duration(secondsSince(pause.since, overview.status.at))),
    details: html`${texts.onHosts(cut(pause.hosts.join(', ')))}
    ${pause.item === undefined ? undefined : html`${texts.because} ${itemLink(pause.item)}`}:
    ${cut(pause.reason, MAX_REASON_LENGTH)}`,
    advice: messages.advice(pause.class),
    buttons: [
      canBeSkipped(pause.item) ? actionButton('skip-item', pause.item, actions.skipItem, view) : undefined,
    ],
  }));
}

function backPressure(view: View): Trouble[] {
  const { messages, overview } = view;
  const { trouble: texts, duration } = messages.overview;
  return pausesOf('back_pressure', view).map((pause) => ({
    level: 'warn',
    head: texts.backPressure(pause.queue, duration(secondsSince(pause.since, overview.status.at))),
    details: html`${texts.onHosts(cut(pause.hosts.join(', ')))}: ${cut(pause.reason, MAX_REASON_LENGTH)}`,
    advice: messages.advice(pause.class),
  }));
}

function rests(view: View): Trouble[] {
  const { messages, overview } = view;
  const { trouble: texts, duration, actions } = messages.overview;
  const { egress, at } = overview.status;
  return egress.flatMap((one): Trouble[] => {
    if (one.state === 'closed') return [];
    const name = cut(one.identity, MAX_NAME_LENGTH);
    const isResting = one.state === 'open';
    return [
      {
        level: isResting ? 'bad' : 'warn',
        head: isResting ? texts.rests(name, duration(secondsLeft(one, at))) : texts.probed(name),
        details: describeRest(one, view),
        advice: messages.advice(one.reason),
        buttons: [
          isResting ? actionButton('end-rest', one.identity, actions.endRest, view) : undefined,
          canBeSkipped(one.item) ? actionButton('skip-item', one.item, actions.skipItem, view) : undefined,
        ],
      },
    ];
  });
}

/** Since when, because of which item, for which reason, and what probes it. */
function describeRest({ since, item, reason, probe }: EgressStatus, { messages }: View): Html {
  const { trouble: texts } = messages.overview;
  return html`${since === null ? undefined : html`${texts.since} ${renderMoment(since, messages)}`}
  ${item === null ? undefined : html`${texts.because} ${itemLink(item)}`}:
  ${cut(reason ?? '')}${probe === null ? undefined : html`; ${texts.probe} ${itemLink(probe)}`}`;
}

function pausedQueues(view: View): Trouble[] {
  const { trouble: texts, actions } = view.messages.overview;
  return view.overview.status.pausedQueues.map(({ queue, at, user, via }) => ({
    level: 'warn',
    head:
      via === null
        ? texts.pausedInBoard(queue)
        : texts.pausedBy(queue, cut(user ?? texts.aPerson, MAX_NAME_LENGTH)),
    details: at === null ? undefined : html`${texts.since} ${renderMoment(at, view.messages)}`,
    buttons: [actionButton('resume-queue', queue, actions.resume, view)],
  }));
}

function drift({ overview: { mirror }, messages }: View): Trouble[] {
  const { trouble: texts } = messages.overview;
  const last = mirror?.lastComparison ?? null;
  if (last === null || last.drift === 0) return [];
  const details = html`${texts.since} ${renderMoment(last.at, messages)}`;
  return [{ level: 'bad', head: texts.drift(last.drift), details, advice: texts.driftAdvice }];
}

function failedVideos({ overview: { status }, messages }: View): Trouble[] {
  const { trouble: texts } = messages.overview;
  const { failed } = status.videos;
  if (failed === 0) return [];
  const details = html`<a href="/videos?status=failed">${texts.showFailed}</a>`;
  return [{ level: 'warn', head: texts.failed(failed), details }];
}

function warnings({ overview: { status }, messages }: View): Trouble[] {
  return statusWarnings(status).map(({ message, advice }) => ({
    level: 'warn',
    head: messages.overview.trouble.warning,
    details: html`${cut(message, MAX_REASON_LENGTH)}`,
    advice,
  }));
}

function secondsSince(since: Date, now: Date): number {
  return Math.max(0, (now.getTime() - since.getTime()) / 1000);
}

export function secondsLeft({ until }: Pick<EgressStatus, 'until'>, now: Date): number {
  return Math.max(0, ((until ?? now).getTime() - now.getTime()) / 1000);
}
