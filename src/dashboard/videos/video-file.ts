import type { VideoAudio, VideoDocument } from '../../database/collections/video.ts';
import { describeTrack } from '../../operations/video-text.ts';
import { html, type Html, type HtmlValue } from '../../text/html.ts';
import type { Messages } from '../../text/messages/en.ts';
import { renderMoment } from '../../text/render-moment.ts';
import { formatLength } from './format-length.ts';
import type { LoadedVideo } from './load-video.ts';
import { renderFacts, type Fact } from './video-facts.ts';

/** Where the audio of a video is, and what kind of file it is. */
export function renderFile({ video }: LoadedVideo, hasMirror: boolean, messages: Messages): Html {
  const texts = messages.video.file;
  const { audio, deletion } = video;
  const key = audio?.key;
  const facts: Fact[] = [
    [texts.object, key === undefined ? undefined : html`<code>${audio?.bucket ?? ''}/${key}</code>`],
    [texts.size, audio ? sizeOf(audio.size, messages) : undefined],
    [texts.length, formatLength(audio?.duration)],
    [texts.format, audio ? describeFormat(audio, messages) : undefined],
    [texts.track, audio ? describeTrack(audio) : undefined],
    [texts.source, audio?.source],
    ['MD5', codeOf(audio?.md5)],
    ['SHA-256', codeOf(audio?.sha256)],
    ['ETag', codeOf(audio?.etag)],
    [texts.stored, video.stored_at ? renderMoment(video.stored_at, messages) : undefined],
    [texts.mirror, key === undefined ? undefined : renderMirror(video, hasMirror, messages)],
    [texts.deleted, deletion ? renderDeletion(deletion, messages) : undefined],
  ];
  const isNothingKnown = !audio && !deletion;
  return html`<h2>${texts.title}</h2>
    ${isNothingKnown ? html`<p>${texts.none}</p>` : renderFacts(facts)}`;
}

function codeOf(text: string | undefined): Html | undefined {
  return text === undefined ? undefined : html`<code>${text}</code>`;
}

function sizeOf(bytes: number, { format, video }: Messages): string {
  return `${format.bytes(bytes)} (${video.file.bytes(bytes)})`;
}

function describeFormat(audio: VideoAudio, { video: { file } }: Messages): string {
  const { codec, bitrate, sample_rate: sampleRate, channels } = audio;
  return [
    codec ?? audio.format,
    bitrate === undefined ? undefined : file.kilobits(Math.round(bitrate / 1000)),
    sampleRate === undefined ? undefined : file.hertz(sampleRate),
    channels === undefined ? undefined : describeChannels(channels, file),
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}

function describeChannels(channels: number, file: Messages['video']['file']): string {
  if (channels === 1) return file.mono;
  return channels === 2 ? file.stereo : file.channels(channels);
}

/** The record's word for the copy; `npm run sync -- --verify` compares the stores themselves. */
function renderMirror({ audio, mirror }: VideoDocument, hasMirror: boolean, messages: Messages): HtmlValue {
  const states = messages.video.file.mirrorStates;
  if (!mirror) return hasMirror ? states.waiting : states.off;
  const state = mirror.md5 === audio?.md5 ? states.equal : states.older;
  return html`<code>${mirror.container}/${mirror.name}</code>, ${renderMoment(mirror.at, messages)}: ${state}`;
}

function renderDeletion(deletion: NonNullable<VideoDocument['deletion']>, messages: Messages): Html {
  const { deletedHere, deletedEverywhere, deletionRuns } = messages.video.file;
  const where = deletion.everywhere ? deletedEverywhere : deletedHere;
  const isFinished = deletion.finished_at !== undefined && deletion.finished_at !== null;
  return html`${renderMoment(deletion.at, messages)}, ${where}${isFinished ? '' : ` (${deletionRuns})`}`;
}
