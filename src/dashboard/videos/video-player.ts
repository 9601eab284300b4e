import { html, type Html } from '../../text/html.ts';
import { markedCommands } from '../../text/marked-commands.ts';
import type { Messages } from '../../text/messages/en.ts';
import { moduleTag } from '../asset-tags.ts';
import type { LoadedVideo } from './load-video.ts';

/**
 * The player of a video's audio: the browser's own, which the island `player.js` completes with a waveform and keys; or why
 * there is nothing to hear, and what to do.
 */
export function renderPlayer({ video, object }: LoadedVideo, messages: Messages): Html {
  const texts = messages.video.player;
  const key = video.audio?.key ?? '';
  switch (object) {
    case 'none':
      return html`<p>${video.skip_reason === 'deleted' ? texts.deleted : texts.noAudio}</p>`;
    case 'missing':
      return html`<p class="trouble" role="alert">${markedCommands(texts.missing(key))}</p>`;
    case 'unreachable':
      return html`<p class="trouble" role="alert">${texts.unreachable}</p>`;
    case 'differs':
      return html`<p class="trouble" role="alert">${markedCommands(texts.differs(key))}</p>
        ${renderAudio(video, messages)}`;
    case 'there':
      return renderAudio(video, messages);
  }
}

function renderAudio({ _id: id, audio }: LoadedVideo['video'], messages: Messages): Html {
  const texts = messages.video.player;
  const address = `/videos/${encodeURIComponent(id)}`;
  const peaks = audio?.peaks === 'made' ? `${address}/peaks` : '';
  return html`<section
      class="player"
      aria-label="${texts.label}"
      data-player
      data-peaks="${peaks}"
      data-seconds="${audio?.duration ?? ''}"
    >
      <div class="waveform" role="slider" tabindex="0" aria-label="${texts.waveform}" hidden></div>
      <audio controls preload="metadata" src="${address}/audio"></audio>
      <p class="problem" role="alert" data-failed hidden>${texts.failed}</p>
      <p class="hint" data-keys hidden>${texts.keys}</p>
      <p><a href="${address}/audio?download=1" download>${texts.download}</a></p>
    </section>
    ${moduleTag('player.js')}`;
}
