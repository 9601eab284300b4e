import { QUEUE_NAMES } from '../domain/queues.ts';
import { VIDEO_STATUSES } from '../domain/video-status.ts';
import { describeBudget, describeCircuit, describeNextStart, describeRest } from '../egress/egress-status.ts';
import { plainText } from '../text/plain-text.ts';
import { completeness, failedRunsNote, QUEUE_HEADINGS, queueCells } from '../reports/status-text.ts';
import {
  groupPauses,
  statusWarnings,
  type FailingVideo,
  type PlaylistStatus,
  type Status,
} from '../reports/status.ts';
import { formatBytes, formatDuration, formatSecond } from '../text/units.ts';
import { numbers, renderSection } from '../text/tables.ts';
import { html, type Html } from '../text/html.ts';
import { markedCommands } from '../text/marked-commands.ts';

const MAX_TEXT_LENGTH = 120;
/** The reason of a pause contains the figures that explain it. */
const MAX_REASON_LENGTH = 240;

/** The overview: the state of everything at a glance. */
export function renderHome(status: Status): Html {
  return html`<main>
      <h1>${status.videos.total} ${status.videos.total === 1 ? 'video' : 'videos'}</h1>
      ${renderNotes(status)} ${renderFigures(status)} ${renderQueues(status)} ${renderEgress(status)}
      ${renderPlaylists(status.playlists)} ${renderFailures(status)} ${renderRetries(status)}
    </main>
    <footer>As of ${formatSecond(status.at)} UTC; reloads automatically.</footer>`;
}

/** Paused intakes and warnings; left out when there are none. */
function renderNotes(status: Status): Html | undefined {
  const { pauses, at } = status;
  const warnings = statusWarnings(status);
  if (pauses.length === 0 && warnings.length === 0) return undefined;
  return html`<ul class="notes" aria-label="Notes">
    ${groupPauses(pauses).map((pause) => {
      const seconds = Math.max(0, (at.getTime() - pause.since.getTime()) / 1000);
      const isFault = pause.kind === 'fault';
      return html`<li>
        <strong class="${isFault ? 'bad' : ''}">
          ${pause.queue} ${isFault ? 'paused' : 'waiting for later stages'} for ${formatDuration(seconds)}
        </strong>
        on ${pause.hosts.join(', ')}: ${plainText(pause.reason, MAX_REASON_LENGTH)}
        <small>${markedCommands(pause.advice)}</small>
      </li>`;
    })}
    ${warnings.map(
      ({ message, advice }) =>
        html`<li>
          <strong class="warn">Warning</strong> ${message} <small>${markedCommands(advice)}</small>
        </li>`,
    )}
  </ul>`;
}

function renderFigures({ videos, audio }: Status): Html {
  const figure = (name: string, value: string | number | Html, bad = false) =>
    html`<div class="${bad ? 'bad' : ''}">
      <dt>${name}</dt>
      <dd>${value}</dd>
    </div>`;
  return html`<dl class="figures">
    ${VIDEO_STATUSES.map((name) => {
      const count = html`<a href="/videos?status=${name}">${videos[name]}</a>`;
      return figure(name, count, name === 'failed' && videos[name] > 0);
    })}
    ${figure('audio stored', `${audio.hours.toFixed(1)} h`)}
    ${figure('size stored', formatBytes(audio.bytes))}
  </dl>`;
}

function renderQueues(status: Status): Html {
  const { queues } = status;
  const rows = QUEUE_NAMES.map(
    (name) =>
      html`<tr>
        <td><a href="/queues/queue/${name}">${name}</a></td>
        ${queueCells(queues[name]).map((cell) => html`<td class="number">${cell}</td>`)}
      </tr>`,
  );
  const note = failedRunsNote(status);
  return html`${renderSection('Queues', ['queue', ...numbers(...QUEUE_HEADINGS)], rows)}
  ${note === undefined ? undefined : html`<p class="faint">${markedCommands(note)}</p>`}`;
}

function renderEgress({ egress, at }: Status): Html | undefined {
  if (egress.length === 0) return undefined;
  const rows = egress.map(
    (one) =>
      html`<tr>
        <td>${one.identity}</td>
        <td class="${one.state === 'closed' ? '' : 'warn'}">${describeCircuit(one, at)}</td>
        <td class="number">${describeBudget(one)}</td>
        <td>${describeNextStart(one)}</td>
        <td class="text">
          ${one.reason === null ? undefined : html`${describeRest(one)}<small>${markedCommands(one.advice ?? '')}</small>`}
        </td>
      </tr>`,
  );
  const headings = ['address', 'state', ...numbers('starts in the last hour'), 'next start', 'reason'];
  return renderSection('Egress addresses', headings, rows);
}

function renderPlaylists(playlists: readonly PlaylistStatus[]): Html {
  if (playlists.length === 0) {
    return html`<h2>Playlists</h2>
      <p>No playlists yet. <a href="/playlists">Add some</a>, or name them in <code>playlist.txt</code>.</p>`;
  }
  const rows = playlists.map((playlist) => {
    const isIncomplete = playlist.error !== null || playlist.complete === false;
    return html`<tr>
      <td class="text">
        <a href="/playlists/${encodeURIComponent(playlist.id)}">${cut(playlist.title ?? playlist.id)}</a>
        ${
          playlist.error === null
            ? undefined
            : html`<small>${cut(playlist.error.message)} ${markedCommands(playlist.error.advice)}</small>`
        }
      </td>
      <td class="number">${playlist.announced ?? '?'}</td>
      <td class="number">${playlist.found ?? '–'}</td>
      <td class="${isIncomplete ? 'warn' : ''}">${completeness(playlist)}</td>
    </tr>`;
  });
  return renderSection('Playlists', ['playlist', ...numbers('announced', 'found'), 'complete'], rows);
}

function renderFailures({ failures, recentFailures }: Status): Html | undefined {
  if (failures.length === 0) return undefined;
  const classes = failures.map(
    (failure) =>
      html`<tr>
        <td><a class="bad" href="/videos?class=${failure.class}">${failure.class}</a></td>
        <td class="number">${failure.count}</td>
        <td class="text">${markedCommands(failure.advice)}</td>
      </tr>`,
  );
  const latest = recentFailures.map(
    (video) =>
      html`<tr>
        ${videoCell(video)}
        <td>${video.stage}</td>
        <td class="text">${cut(video.message)}<small>${markedCommands(video.advice)}</small></td>
      </tr>`,
  );
  return html`${renderSection('Failed videos', ['reason', ...numbers('videos'), 'what to do'], classes)}
  ${renderSection('Latest failures', ['video', 'stage', 'error'], latest)}`;
}

function renderRetries({ nextRetries, at }: Status): Html | undefined {
  if (nextRetries.length === 0) return undefined;
  const rows = nextRetries.map((video) => {
    const seconds = video.nextRetryAt === null ? 0 : (video.nextRetryAt.getTime() - at.getTime()) / 1000;
    return html`<tr>
      ${videoCell(video)}
      <td>${video.stage}</td>
      <td>${seconds <= 0 ? 'now' : `in ${formatDuration(seconds)}`}</td>
      <td class="text">${cut(video.message)}</td>
    </tr>`;
  });
  return renderSection('Next retries', ['video', 'stage', 'when', 'reason'], rows);
}

function videoCell(video: FailingVideo): Html {
  return html`<td class="text">
    <a href="/videos/${video.id}">${cut(video.title ?? video.id)}</a>
    <small>${video.id}</small>
  </td>`;
}

/** Titles and messages come from outside and may be very long. */
function cut(text: string): string {
  return plainText(text, MAX_TEXT_LENGTH);
}
