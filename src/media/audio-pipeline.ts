import { stat } from 'node:fs/promises';
import type { MediaConfig } from '../config/config.ts';
import { PermanentError } from '../domain/job-errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { parseVideoKey, type VideoKey } from '../domain/video-key.ts';
import type { AudioDownloader, MediaContext, StagedAudio } from './audio-downloader.ts';
import { convertAudio } from './convert.ts';
import { createEpisodeDownloader } from './episode-downloader.ts';
import { checkAudio, probeAudio } from './probe.ts';
import { chainDownloaders } from './downloader-chain.ts';
import { createSaveTubeDownloader } from './savetube-downloader.ts';
import { createYtDlpDownloader } from './yt-dlp-downloader.ts';

export interface AudioPipeline {
  /**
   * Fetches, converts, checks and stages the audio of one video. Leaves nothing but the staged file.
   * @throws JobError
   */
  produce(key: VideoKey, context: MediaContext): Promise<StagedAudio>;
}

/** The part of staging that the pipeline needs. */
export interface AudioStaging {
  createWorkDirectory(): Promise<string>;
  removeWorkDirectory(directory: string): Promise<void>;
  put(key: VideoKey, file: string, audio: Omit<StagedAudio, 'file'>): Promise<StagedAudio>;
}

export function createAudioPipeline(
  media: MediaConfig,
  staging: AudioStaging,
  logger: Logger,
): AudioPipeline {
  const [first, ...others] = media.downloaders.map((name): AudioDownloader => {
    switch (name) {
      case 'yt-dlp':
        return createYtDlpDownloader(media);
      case 'savetube':
        return createSaveTubeDownloader(media, logger);
    }
  });
  const downloaders: Record<VideoKey['provider'], Pick<AudioDownloader, 'fetch'>> = {
    youtube: chainDownloaders([first ?? createYtDlpDownloader(media), ...others]),
    http: createEpisodeDownloader(media),
  };

  return {
    async produce(key, context) {
      if (parseVideoKey(key.provider, key.videoId) === undefined) {
        throw new PermanentError('unsupported', `Invalid video id for provider ${key.provider}.`);
      }
      const workDirectory = await staging.createWorkDirectory();
      try {
        const fetched = await downloaders[key.provider].fetch(key, workDirectory, context);
        const converted = await convertAudio(media, media.profile, fetched, context);
        context.onProgress({ stage: 'check' });
        const properties = await probeAudio(media.ffprobePath, converted.file, context.signal);
        checkAudio(properties, {
          profile: media.profile,
          announcedSeconds: [fetched.metadata.durationSeconds, converted.sourceSeconds].filter(
            (seconds) => seconds !== undefined,
          ),
          isTruncated: converted.isTruncated,
        });
        const { size } = await stat(converted.file);
        return await staging.put(key, converted.file, {
          ...properties,
          format: converted.format,
          sizeBytes: size,
          source: fetched.source,
          metadata: fetched.metadata,
        });
      } finally {
        await staging.removeWorkDirectory(workDirectory);
      }
    },
  };
}
