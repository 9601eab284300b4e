import type { SourceProperties } from './probe.ts';

/** Whether it is what the profile `mp3-320` makes. */
export function isFinishedMp3({
  containers,
  codec,
  bitrate,
  sampleRate,
  channels,
}: SourceProperties): boolean {
  const isMp3 = containers.includes('mp3') && codec === 'mp3';
  return isMp3 && bitrate === 320_000 && sampleRate === 44_100 && channels === 2;
}

/** The extension of a file by its content, for the profile `original`. Names, URLs and Content-Types are not reliable. */
export function extensionOf({ containers, codec }: SourceProperties): string {
  const isOneOf = (...names: string[]) => names.some((name) => containers.includes(name));
  if (isOneOf('mp4', 'mov')) return 'm4a';
  if (isOneOf('matroska', 'webm')) return 'mka';
  if (isOneOf('ogg')) return codec === 'opus' ? 'opus' : 'ogg';
  if (isOneOf('flac')) return 'flac';
  if (isOneOf('wav')) return 'wav';
  return codec === 'mp3' ? 'mp3' : 'aac';
}
