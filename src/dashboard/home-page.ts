import { VIDEO_STATUSES } from '../domain/video-status.ts';
import { QUEUE_NAMES } from '../queues/catalogue.ts';
import { describeBudget, describeCircuit, describeNextStart } from '../egress/egress-status.ts';
import { plainText } from '../text/plain-text.ts';
import { completeness } from '../reports/status-text.ts';
import type { PlaylistStatus, Status, FailingVideo } from '../reports/status.ts';
import { formatBytes, formatDuration } from '../text/units.ts';
import { numbers, renderTable } from '../text/html-table.ts';
import { html, type Html } from '../text/html.ts';
import { renderNotes } from './pause-notes.ts';

const MAX_TEXT_LENGTH = 120;

/** The first page: the state of everything at a glance. */
export function renderHome(status: Status): Html {
  return html`<main>
      <h1>${status.videos.total} videos</h1>
      ${renderNotes(status)} ${renderFigures(status)} ${renderQueues(status)} ${renderEgress(status)}
      ${renderPlaylists(status.playlists)} ${renderFailures(status)} ${renderRetries(status)}
    </main>
    <footer>
      As of ${status.at.toISOString().replace('T', ' ').slice(0, 19)} UTC; loads again by itself.
    </footer>`;
}

function renderFigures({ videos, audio }: Status): Html {
  const figure = (name: string, value: string | number, bad = false) =>
    html`<div class="${bad ? 'bad' : ''}">
      <dt>${name}</dt>
      <dd>${value}</dd>
    </div>`;
  return html`<dl class="figures">
    ${VIDEO_STATUSES.map((name) => figure(name, videos[name], name === 'failed' && videos[name] > 0))}
    ${figure('audio stored', `${audio.hours.toFixed(1)} h`)}
    ${figure('size stored', formatBytes(audio.bytes))}
  </dl>`;
}

function renderQueues({ queues }: Status): Html {
  const headings = ['waiting', 'active', 'delayed', 'failed', 'completed', 'oldest waits'];
  const rows = QUEUE_NAMES.map((name) => {
    const { waiting, active, delayed, failed, completed, oldestWaitingSeconds: oldest } = queues[name];
    const cells = [
      waiting,
      active,
      delayed,
      failed,
      completed,
      oldest === null ? '–' : formatDuration(oldest),
    ];
    return html`<tr>
      <td><a href="/queues/queue/${name}">${name}</a></td>
      ${cells.map((cell) => html`<td class="number">${cell}</td>`)}
    </tr>`;
  });
  return section('Queues', ['queue'], headings, rows);
}

function renderEgress({ egress, at }: Status): Html | undefined {
  if (egress.length === 0) return undefined;
  const rows = egress.map(
    (one) =>
      html`<tr>
        <td>${one.address}</td>
        <td class="${one.state === 'closed' ? '' : 'warn'}">${describeCircuit(one, at)}</td>
        <td class="number">${describeBudget(one)}</td>
        <td>${describeNextStart(one)}</td>
        <td class="text">
          ${one.reason === null ? undefined : html`${one.reason}<small>${one.advice ?? ''}</small>`}
        </td>
      </tr>`,
  );
  const headings = ['next start', 'because'];
  return section('Ways out', ['way out', 'the site'], ['starts in the last hour'], rows, headings);
}

function renderPlaylists(playlists: readonly PlaylistStatus[]): Html {
  if (playlists.length === 0) {
    return html`<h2>Playlists</h2>
      <p>None yet. Put some into <code>playlist.txt</code> and run <code>npm run enqueue</code>.</p>`;
  }
  const rows = playlists.map((playlist) => {
    const doubtful = playlist.error !== null || playlist.complete === false;
    return html`<tr>
      <td class="text">
        <a href="${webAddress(playlist.url)}" rel="noreferrer">${cut(playlist.title ?? playlist.id)}</a>
        ${
          playlist.error === null
            ? undefined
            : html`<small>${cut(playlist.error.message)} ${playlist.error.advice}</small>`
        }
      </td>
      <td class="number">${playlist.announced ?? '?'}</td>
      <td class="number">${playlist.found ?? '–'}</td>
      <td class="${doubtful ? 'warn' : ''}">${completeness(playlist)}</td>
    </tr>`;
  });
  return section('Playlists', ['playlist'], ['announced', 'found'], rows, ['complete']);
}

function renderFailures({ failures, recentFailures }: Status): Html | undefined {
  if (failures.length === 0) return undefined;
  const classes = failures.map(
    (failure) =>
      html`<tr>
        <td class="bad">${failure.class}</td>
        <td class="number">${failure.count}</td>
        <td class="text">${failure.advice}</td>
      </tr>`,
  );
  const latest = recentFailures.map(
    (video) =>
      html`<tr>
        ${videoCell(video)}
        <td>${video.stage}</td>
        <td class="text">${cut(video.message)}<small>${video.advice}</small></td>
      </tr>`,
  );
  return html`${section('Why videos failed', ['reason'], ['videos'], classes, ['what to do'])}
  ${section('The latest failures', ['video', 'stage'], [], latest, ['what happened'])}`;
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
  return section('The next retries', ['video', 'stage', 'when'], [], rows, ['because']);
}

function videoCell(video: FailingVideo): Html {
  return html`<td class="text">
    <a href="${webAddress(video.url)}" rel="noreferrer">${cut(video.title ?? video.id)}</a>
    <small>${video.id}</small>
  </td>`;
}

function section(
  title: string,
  before: readonly string[],
  numeric: readonly string[],
  rows: readonly Html[],
  after: readonly string[] = [],
): Html {
  return html`<h2>${title}</h2>
    ${renderTable(title, [...before, ...numbers(...numeric), ...after], rows)}`;
}

/** Addresses come from the record; only web addresses become links, never `javascript:`. */
function webAddress(address: string): string {
  return /^https?:\/\//i.test(address) ? address : '#';
}

/** Titles and messages come from outside and can be very long. */
function cut(text: string): string {
  return plainText(text, MAX_TEXT_LENGTH);
}
