import { definedFields } from '../domain/defined-fields.ts';
import {
  OperatorError,
  PermanentError,
  TransientError,
  toJobError,
  type JobError,
} from '../domain/job-errors.ts';
import type { VideoKey } from '../domain/video-key.ts';
import type { Logger } from '../runtime/logger.ts';
import { retry } from '../runtime/retry.ts';
import type { AudioDownloader, FetchedAudio, MediaContext } from './audio-downloader.ts';
import {
  createSaveTubeHttp,
  SaveTubeLimit,
  type SaveTubeConfig,
  type SaveTubeHttp,
} from './savetube-http.ts';
import { cdnSchema, cdnUrl, decodeVideo, downloadSchema, fileUrl, infoSchema } from './savetube-protocol.ts';
import { youtubeUrl } from './yt-dlp-arguments.ts';

/** Each try asks another host, because single hosts fail often. */
const MAX_TRIES = 3;
/** The highest quality the service offers; the actual quality is checked afterwards. */
const QUALITY = '320';

/** Downloads audio from the SaveTube service. Off by default. */
export function createSaveTubeDownloader(config: SaveTubeConfig, logger: Logger): AudioDownloader {
  logger.warn(
    'SaveTube is on (AUDIO_PROVIDERS): a service of third parties. Its use may break its terms and those of YouTube; you are responsible for it.',
  );
  const http = createSaveTubeHttp(config);
  return {
    name: 'savetube',
    async fetch(key, workDirectory, context) {
      if (key.provider !== 'youtube') {
        throw new PermanentError('unsupported', 'SaveTube is used for YouTube only.');
      }
      const { keyHex } = config.saveTube;
      if (keyHex === undefined) throw new OperatorError('local_configuration', 'SAVETUBE_KEY is not set.');
      return retry(() => fetchOnce(http, { ...config.saveTube, keyHex }, key, workDirectory, context), {
        signal: context.signal,
        maxTries: MAX_TRIES,
        firstDelayMs: 0,
        maxDelayMs: 0,
        isTemporary: (error) =>
          !(error instanceof SaveTubeLimit) &&
          ['network', 'timeout', 'server_error'].includes(toJobError(error).errorClass),
        onRetry: (err) => {
          context.logger.debug({ video: key.videoId, err }, 'Trying another host of SaveTube.');
        },
      });
    },
  };
}

async function fetchOnce(
  http: SaveTubeHttp,
  { apiUrl, cdnScheme, keyHex }: SaveTubeConfig['saveTube'] & { readonly keyHex: string },
  key: VideoKey,
  workDirectory: string,
  context: MediaContext,
): Promise<FetchedAudio> {
  const { signal } = context;
  context.onProgress({ stage: 'extract' });
  const { cdn } = await http.call(`${apiUrl}/random-cdn`, cdnSchema, signal);
  const host = cdnUrl(cdn, apiUrl, cdnScheme);
  const info = await http.call(`${host}/v2/info`, infoSchema, signal, { url: youtubeUrl(key.videoId) });
  if (!info.status || info.data === undefined) throw refused(info.message);
  const video = decodeVideo(info.data, keyHex);
  if (video.id !== undefined && video.id !== key.videoId) {
    throw new TransientError('extraction', 'SaveTube answered with another video than the requested one.');
  }
  const query = { id: key.videoId, downloadType: 'audio', quality: QUALITY, key: video.key };
  const download = await http.call(`${host}/download`, downloadSchema, signal, query);
  if (!download.status || download.data === undefined) throw refused(download.message);
  const file = await http.download(fileUrl(download.data.downloadUrl, cdnScheme), workDirectory, context);
  const metadata = definedFields({
    url: youtubeUrl(key.videoId),
    title: video.title === '' ? undefined : video.title,
    durationSeconds: video.duration,
    thumbnail: video.thumbnail === '' ? undefined : video.thumbnail,
  });
  return { file, metadata, source: 'savetube' };
}

function refused(message: string | undefined): JobError {
  return new TransientError('unknown', `SaveTube refused: ${message?.slice(0, 200) ?? 'no reason given'}`);
}
