import { groupPauses } from '../reports/pause-groups.ts';
import { plainText } from '../text/plain-text.ts';
import type { Status } from '../reports/status.ts';
import { formatDuration } from '../text/units.ts';
import { html, type Html } from '../text/html.ts';

/** The reason of a pause has the figures that explain it. */
const MAX_REASON_LENGTH = 240;

/** What somebody should know before the figures: paused intakes, dangerous settings. Nothing when all is well. */
export function renderNotes({ pauses, warnings, at }: Status): Html | undefined {
  if (pauses.length === 0 && warnings.length === 0) return undefined;
  return html`<ul class="notes" aria-label="Notes">
    ${groupPauses(pauses).map((pause) => {
      const seconds = Math.max(0, (at.getTime() - pause.since.getTime()) / 1000);
      const isFault = pause.kind === 'fault';
      return html`<li>
        <strong class="${isFault ? 'bad' : ''}">
          ${pause.queue} ${isFault ? 'paused' : 'waits for room'} for ${formatDuration(seconds)}
        </strong>
        on ${pause.hosts.join(', ')}: ${plainText(pause.reason, MAX_REASON_LENGTH)}
        <small>${pause.advice}</small>
      </li>`;
    })}
    ${warnings.map(
      ({ message, advice }) =>
        html`<li><strong class="warn">Warning</strong> ${message} <small>${advice}</small></li>`,
    )}
  </ul>`;
}
