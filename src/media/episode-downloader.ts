import { rename } from 'node:fs/promises';
import path from 'node:path';
import type { MediaConfig } from '../config/config.ts';
import { createHttpClient } from '../runtime/http-client/create-http-client.ts';
import { userAgentOf } from '../runtime/http-client/user-agent.ts';
import { PermanentError } from '../domain/job-errors.ts';
import type { AudioDownloader, VideoDescription } from './audio-downloader.ts';
import { extensionOf, isFinishedMp3 } from './source-format.ts';
import { downloadEnclosure } from './enclosure-download.ts';
import { fileError } from '../runtime/files.ts';
import { probeSource } from './probe.ts';

type EpisodeDownloaderConfig = Pick<
  MediaConfig,
  'enclosures' | 'ffprobePath' | 'maxSizeBytes' | 'stallMs' | 'deadlineMs'
>;

/** Downloads the audio of an episode from the address in its feed. */
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
        throw new PermanentError('unsupported', 'The episode has no known URL.');
      }
      const { known } = context;
      context.onProgress({ stage: 'extract' });
      const download = path.join(workDirectory, 'enclosure');
      const { isEndKnown } = await downloadEnclosure(http, urlOf(known), download, {
        signal: context.signal,
        stallMs: config.stallMs,
        deadlineMs: config.deadlineMs,
        maxSizeBytes: config.maxSizeBytes,
        onProgress: context.onProgress,
      });
      const found = await probeSource(config.ffprobePath, download, context.signal);
      const file = `${download}.${extensionOf(found)}`;
      await rename(download, file).catch((error: unknown) => {
        throw fileError(error, 'Renaming the download');
      });
      return {
        file,
        metadata: metadataOf(known, isEndKnown),
        source: 'http',
        isFinishedMp3: isFinishedMp3(found),
      };
    },
  };
}

function urlOf({ url }: VideoDescription): URL {
  if (URL.canParse(url)) return new URL(url);
  throw new PermanentError('unsupported', 'The episode has an invalid URL.');
}

/**
 * The duration in a feed is often wrong (advertisements are inserted at download), so it is compared with the file only
 * where nothing else shows whether the file is whole.
 */
function metadataOf({ durationSeconds, ...known }: VideoDescription, isEndKnown: boolean): VideoDescription {
  return isEndKnown || durationSeconds === undefined ? known : { ...known, durationSeconds };
}
