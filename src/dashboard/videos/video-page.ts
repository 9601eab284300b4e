import { adviceFor } from '../../domain/error-classes.ts';
import { shownAddress } from '../../domain/shown-address.ts';
import type { VideoDetails } from '../../operations/find-videos.ts';
import { describeTrack } from '../../operations/video-text.ts';
import { html, type Html, type HtmlValue } from '../../text/html.ts';
import { markedCommands } from '../../text/marked-commands.ts';
import { plainText } from '../../text/plain-text.ts';
import { numbers, renderSection } from '../../text/tables.ts';
import { formatBytes, formatDuration, formatMoment, formatSecond } from '../../text/units.ts';
import { actionsFor, VIDEO_ACTIONS } from './video-actions.ts';

const MAX_TITLE_LENGTH = 200;
const MAX_MESSAGE_LENGTH = 2_000;

interface VideoPageOptions {
  readonly canChange: boolean;
  readonly hasMirror: boolean;
  /** What came of the last action. */
  readonly notice: string | undefined;
}

/** All that is known of one video, with a player for its audio. */
export function renderVideo(details: VideoDetails, options: VideoPageOptions): Html {
  const { video } = details;
  const { notice } = options;
  return html`<main>
    <h1>${plainText(video.title ?? video._id, MAX_TITLE_LENGTH)}</h1>
    ${notice === undefined ? undefined : html`<p class="notice" role="status">${notice}</p>`}
    ${renderTrouble(details)} ${renderPlayer(details)} ${renderActions(details, options)}
    ${renderFacts(details)} ${renderAttempts(details)} ${renderDecisions(details)}
  </main>`;
}

/** Why it is not archived, in plain words, and what to do. */
function renderTrouble({ video }: VideoDetails): Html | undefined {
  const { error, status } = video;
  if (error === undefined || error === null) return undefined;
  const isFailed = status === 'failed';
  return html`<div class="trouble">
    <p class="${isFailed ? 'bad' : 'warn'}"><strong>${error.class}</strong> in the stage ${error.stage}</p>
    <p>${markedCommands(adviceFor(error.class, isFailed ? 'failed' : 'open'))}</p>
    ${
      video.next_retry_at === undefined || video.next_retry_at === null
        ? undefined
        : html`<p>It is tried again at ${formatMoment(video.next_retry_at)}.</p>`
    }
    <details>
      <summary>Message</summary>
      <pre>${plainText(error.message, MAX_MESSAGE_LENGTH)}</pre>
    </details>
  </div>`;
}

function renderPlayer({ video }: VideoDetails): Html | undefined {
  if (video.audio?.key === undefined || video.skip_reason === 'deleted') return undefined;
  return html`<p>
    <audio controls preload="metadata" src="/videos/${video._id}/audio"></audio>
    <a href="/videos/${video._id}/audio?download=1">Download</a>
  </p>`;
}

function renderActions(
  { video }: VideoDetails,
  { canChange, hasMirror }: VideoPageOptions,
): Html | undefined {
  const actions = canChange ? actionsFor(video.status, hasMirror) : [];
  if (actions.length === 0) return undefined;
  return html`<form class="actions" method="post" action="/videos/${video._id}">
    <input type="hidden" name="id" value="${video._id}" />
    ${actions.map((name) => html`<button name="action" value="${name}">${VIDEO_ACTIONS[name].label}</button> `)}
  </form>`;
}

function renderFacts({ video, playlists }: VideoDetails): Html {
  const { audio, mirror, deletion } = video;
  const rows: readonly [string, HtmlValue][] = [
    ['id', video._id],
    ['address', webLink(video.url)],
    ['author', video.author ?? undefined],
    ['published', video.published_at?.toISOString().slice(0, 10)],
    ['status', video.skip_reason ? `${video.status} (${video.skip_reason})` : video.status],
    [
      'playlists',
      playlists.map((id) => html`<a href="/videos?playlist=${encodeURIComponent(id)}">${id}</a> `),
    ],
    ['object', audio?.key === undefined ? undefined : `${audio.bucket ?? ''}/${audio.key}`],
    ['size', audio ? formatBytes(audio.size) : undefined],
    ['length', audio?.duration === undefined ? undefined : formatDuration(audio.duration)],
    ['format', describeFormat(audio)],
    ['track', audio ? describeTrack(audio) : undefined],
    ['MD5', audio?.md5],
    ['SHA-256', audio?.sha256],
    ['blob', mirror ? `${mirror.container}/${mirror.name}, ${formatMoment(mirror.at)}` : undefined],
    [
      'deleted',
      deletion ? `${formatMoment(deletion.at)}${deletion.everywhere ? ', also in Azure' : ''}` : undefined,
    ],
  ];
  const isKnown = (value: HtmlValue) => value !== undefined && !(Array.isArray(value) && value.length === 0);
  return html`<h2>Record</h2>
    <dl class="facts">
      ${rows
        .filter(([, value]) => isKnown(value))
        .map(
          ([name, value]) =>
            html`<dt>${name}</dt>
              <dd>${typeof value === 'string' ? plainText(value, MAX_MESSAGE_LENGTH) : value}</dd>`,
        )}
    </dl>`;
}

type Audio = VideoDetails['video']['audio'];

function describeFormat(audio: Audio): string | undefined {
  if (!audio) return undefined;
  const { codec, bitrate, sample_rate: sampleRate, channels } = audio;
  return [
    codec ?? audio.format,
    bitrate === undefined ? undefined : `${String(Math.round(bitrate / 1000))} kbit/s`,
    sampleRate === undefined ? undefined : `${String(sampleRate)} Hz`,
    channels === undefined
      ? undefined
      : channels === 1
        ? 'mono'
        : channels === 2
          ? 'stereo'
          : `${String(channels)} channels`,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}

function renderAttempts({ attempts }: VideoDetails): Html | undefined {
  if (attempts.length === 0) return undefined;
  return renderSection(
    'Attempts',
    ['at', 'stage', ...numbers('round', 'attempt', 'seconds'), 'worker', 'outcome'],
    attempts.map(
      (attempt) =>
        html`<tr>
          <td>${formatSecond(attempt.timestamp)}</td>
          <td>${attempt.stage}</td>
          <td class="number">${attempt.round}</td>
          <td class="number">${attempt.attempt}</td>
          <td class="number">${(attempt.durationMs / 1000).toFixed(1)}</td>
          <td>${attempt.worker}</td>
          <td class="text ${attempt.status === 'failed' ? 'bad' : ''}">
            ${attempt.errorClass ?? attempt.status}
            ${attempt.error === null ? undefined : html`<small>${plainText(attempt.error, MAX_MESSAGE_LENGTH)}</small>`}
          </td>
        </tr>`,
    ),
  );
}

function renderDecisions({ decisions }: VideoDetails): Html | undefined {
  if (decisions.length === 0) return undefined;
  return renderSection(
    'What people did',
    ['at', 'who', 'what'],
    decisions.map(
      ({ at, user, via, operation }) =>
        html`<tr>
          <td>${formatSecond(at)}</td>
          <td>${plainText(user ?? 'somebody', MAX_TITLE_LENGTH)}, ${via}</td>
          <td>${operation}</td>
        </tr>`,
    ),
  );
}

/** Addresses come from the database; only web addresses become links, never `javascript:`. */
function webLink(address: string): Html {
  const shown = shownAddress(address);
  const text = plainText(shown, MAX_MESSAGE_LENGTH);
  return /^https?:\/\//i.test(shown) ? html`<a href="${shown}" rel="noreferrer">${text}</a>` : html`${text}`;
}
