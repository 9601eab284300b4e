import { rename } from 'node:fs/promises';
import path from 'node:path';
import type { MediaConfig } from '../config/config.ts';
import { createHttpClient } from '../runtime/http-client/create-http-client.ts';
import { userAgentOf } from '../runtime/http-client/user-agent.ts';
import { PermanentError } from '../domain/job-errors.ts';
import type { AudioDownloader, VideoDescription } from './audio-downloader.ts';
import { downloadEnclosure } from './enclosure-download.ts';
import { fileError } from '../runtime/file-errors.ts';
import { probeSource, type SourceProperties } from './probe.ts';

type EpisodeDownloaderConfig = Pick<
  MediaConfig,
  'enclosures' | 'ffprobePath' | 'maxSizeBytes' | 'stallMs' | 'deadlineMs'
>;

/** Gets the audio of an episode from the address that its feed names. */
export function createEpisodeDownloader(config: EpisodeDownloaderConfig): AudioDownloader {
  const http = createHttpClient({
    userAgent: userAgentOf(config.enclosures.contactUrl),
    timeoutMs: config.deadlineMs,
    stallMs: config.stallMs,
    allowPrivateAddresses: config.enclosures.allowPrivateAddresses,
  });
  return {
    name: 'http',
    async fetch(key, workDirectory, context) {
      if (key.provider !== 'http' || context.known === undefined) {
        throw new PermanentError('unsupported', 'The address of this item is not known.');
      }
      const { known } = context;
      context.onProgress({ stage: 'extract' });
      const arrived = path.join(workDirectory, 'enclosure');
      const { isEndKnown } = await downloadEnclosure(http, addressOf(known), arrived, {
        signal: context.signal,
        stallMs: config.stallMs,
        deadlineMs: config.deadlineMs,
        maxSizeBytes: config.maxSizeBytes,
        onProgress: context.onProgress,
      });
      const found = await probeSource(config.ffprobePath, arrived, context.signal);
      const file = `${arrived}.${extensionOf(found)}`;
      await rename(arrived, file).catch((error: unknown) => {
        throw fileError(error, 'Naming the download');
      });
      return {
        file,
        metadata: factsOf(known, isEndKnown),
        source: 'http',
        isFinishedMp3: isFinishedMp3(found),
      };
    },
  };
}

function addressOf({ url }: VideoDescription): URL {
  if (URL.canParse(url)) return new URL(url);
  throw new PermanentError('unsupported', 'The address of this episode is none.');
}

/**
 * Feeds are often wrong about lengths (advertisements are put in as it is downloaded), so that a file is not refused
 * for that; unless nothing else can tell whether it is whole.
 */
function factsOf({ durationSeconds, ...known }: VideoDescription, isEndKnown: boolean): VideoDescription {
  return isEndKnown || durationSeconds === undefined ? known : { ...known, durationSeconds };
}

/** As the profile `mp3-320` encodes it. */
function isFinishedMp3({ containers, codec, bitrate, sampleRate, channels }: SourceProperties): boolean {
  const isMp3 = containers.includes('mp3') && codec === 'mp3';
  return isMp3 && bitrate === 320_000 && sampleRate === 44_100 && channels === 2;
}

/** For the profile `original`; neither address nor Content-Type can be trusted with it. */
function extensionOf({ containers, codec }: SourceProperties): string {
  const isOneOf = (...names: string[]) => names.some((name) => containers.includes(name));
  if (isOneOf('mp4', 'mov')) return 'm4a';
  if (isOneOf('matroska', 'webm')) return 'mka';
  if (isOneOf('ogg')) return codec === 'opus' ? 'opus' : 'ogg';
  if (isOneOf('flac')) return 'flac';
  if (isOneOf('wav')) return 'wav';
  return codec === 'mp3' ? 'mp3' : 'aac';
}
