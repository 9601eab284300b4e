import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { MediaConfig } from '../config/config.ts';
import {
  OperatorError,
  PermanentError,
  TransientError,
  toJobError,
  type JobError,
} from '../domain/job-errors.ts';
import type { Logger } from '../runtime/logger.ts';
import type { VideoKey } from '../domain/video-key.ts';
import type { AudioDownloader, MediaContext, VideoDescription } from './audio-downloader.ts';
import { askJson, downloadFile } from './savetube-http.ts';
import {
  cdnSchema,
  cdnUrl,
  decodeVideo,
  downloadSchema,
  fileUrl,
  infoSchema,
  type SaveTubeVideo,
} from './savetube-protocol.ts';
import { youtubeUrl } from './yt-dlp-arguments.ts';

type SaveTubeConfig = Pick<MediaConfig, 'saveTube' | 'maxSizeBytes' | 'stallMs' | 'deadlineMs'>;

/** Each try asks for another host: single ones fail often. */
const MOST_TRIES = 3;
/** The highest quality the service offers; what it really gives is checked afterwards. */
const QUALITY = '320';

/** Gets audio from the SaveTube service. Off by default. */
export function createSaveTubeDownloader(config: SaveTubeConfig, logger: Logger): AudioDownloader {
  logger.warn(
    'SaveTube is on (AUDIO_PROVIDERS): a service of third parties. Its use may break its terms and those of YouTube; you are responsible for it.',
  );
  return {
    name: 'savetube',
    async fetch(key, workDirectory, context) {
      if (key.provider !== 'youtube') {
        throw new PermanentError('unsupported', 'SaveTube is used for YouTube only.');
      }
      const { keyHex } = config.saveTube;
      if (keyHex === undefined) throw new OperatorError('local_configuration', 'SAVETUBE_KEY is not set.');
      for (let tries = 1; ; tries += 1) {
        try {
          return await fetchOnce(config, keyHex, key, workDirectory, context);
        } catch (error) {
          const failure = toJobError(error);
          if (tries >= MOST_TRIES || !isWorthAnotherHost(failure)) throw failure;
          context.logger.debug({ video: key.videoId, err: failure }, 'Trying another host of SaveTube.');
        }
      }
    },
  };
}

async function fetchOnce(
  config: SaveTubeConfig,
  keyHex: string,
  key: VideoKey,
  workDirectory: string,
  context: MediaContext,
) {
  const { apiUrl, cdnScheme } = config.saveTube;
  context.onProgress({ stage: 'extract' });
  const { cdn } = await askJson(`${apiUrl}/random-cdn`, cdnSchema, context.signal);
  const host = cdnUrl(cdn, apiUrl, cdnScheme);
  const info = await askJson(`${host}/v2/info`, infoSchema, context.signal, { url: youtubeUrl(key.videoId) });
  if (!info.status || info.data === undefined) throw refused(info.message);
  const video = decodeVideo(info.data, keyHex);
  if (video.id !== undefined && video.id !== key.videoId) {
    throw new TransientError('extraction', 'SaveTube answered with another video than the one asked for.');
  }
  const question = { id: key.videoId, downloadType: 'audio', quality: QUALITY, key: video.key };
  const download = await askJson(`${host}/download`, downloadSchema, context.signal, question);
  if (!download.status || download.data === undefined) throw refused(download.message);
  const file = await downloadFile(
    fileUrl(download.data.downloadUrl, cdnScheme),
    (contentType) => path.join(workDirectory, `audio.${extensionOf(contentType)}`),
    {
      signal: context.signal,
      stallMs: config.stallMs,
      deadlineMs: config.deadlineMs,
      maxSizeBytes: config.maxSizeBytes,
      scheme: cdnScheme,
      onProgress: context.onProgress,
    },
  );
  if ((await stat(file)).size === 0) {
    throw new TransientError('broken_media', 'The audio that arrived has no bytes.');
  }
  return { file, metadata: descriptionOf(key, video), source: 'savetube' as const };
}

function isWorthAnotherHost(failure: JobError): boolean {
  return ['network', 'timeout', 'server_error'].includes(failure.errorClass);
}

function refused(message: string | undefined): JobError {
  return new TransientError('unknown', `SaveTube refused: ${message?.slice(0, 200) ?? 'no reason given'}`);
}

function descriptionOf(key: VideoKey, video: SaveTubeVideo): VideoDescription {
  return {
    url: youtubeUrl(key.videoId),
    ...(video.title === undefined || video.title === '' ? {} : { title: video.title }),
    ...(video.duration === undefined ? {} : { durationSeconds: video.duration }),
    ...(video.thumbnail === undefined || video.thumbnail === '' ? {} : { thumbnail: video.thumbnail }),
  };
}

/** Needed for the profile `original` only; ffmpeg itself looks at the content. */
function extensionOf(contentType: string): string {
  if (/mp4|m4a|aac/.test(contentType)) return 'm4a';
  return contentType.includes('webm') ? 'webm' : 'mp3';
}
