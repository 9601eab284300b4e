import { stat } from 'node:fs/promises';
import type { MediaConfig } from '../config/config.ts';
import { definedFields } from '../domain/defined-fields.ts';
import { JobError, PermanentError } from '../domain/job-errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { parseVideoKey, type VideoKey } from '../domain/video-key.ts';
import type { AudioDownloader, FetchedAudio, MediaContext, StagedAudio } from './audio-downloader.ts';
import { convertAudio, type ConvertedAudio } from './convert.ts';
import { createEpisodeDownloader } from './episode-downloader.ts';
import { readFinishedMp3 } from './mp3-file.ts';
import { checkAudio, probeAudio, type ProbedAudio } from './probe.ts';
import { chainDownloaders } from './downloader-chain.ts';
import { createSaveTubeDownloader } from './savetube-downloader.ts';
import { createYtDlpDownloader } from './yt-dlp-downloader.ts';
import { shownAddress } from '../domain/shown-address.ts';

export interface AudioPipeline {
  /**
   * Fetches, converts, checks and stages the audio of one video. Leaves nothing but the staged file.
   * @throws JobError
   */
  produce(key: VideoKey, context: MediaContext): Promise<StagedAudio>;
}

/** The part of staging that the pipeline needs. */
export interface AudioStaging {
  /** Creates a directory for one job. @returns its absolute path. */
  createWorkDirectory(): Promise<string>;
  removeWorkDirectory(directory: string): Promise<void>;
  /**
   * Puts a finished file of a work directory into staging: completely or not at all.
   * @param signal ends a transfer to another machine.
   */
  put(
    key: VideoKey,
    file: string,
    audio: Omit<StagedAudio, 'file'>,
    signal?: AbortSignal,
  ): Promise<StagedAudio>;
}

/** A converted file that passed all checks. */
interface CheckedAudio {
  readonly fetched: FetchedAudio;
  readonly converted: ConvertedAudio;
  readonly properties: ProbedAudio;
}

export function createAudioPipeline(
  media: MediaConfig,
  staging: AudioStaging,
  logger: Logger,
): AudioPipeline {
  const [first, ...others] = media.downloaders.map((name) => {
    switch (name) {
      case 'yt-dlp':
        return withChecks(media, createYtDlpDownloader(media));
      case 'savetube':
        return withChecks(media, createSaveTubeDownloader(media, logger));
    }
  });
  const downloaders: Record<VideoKey['provider'], Pick<AudioDownloader<CheckedAudio>, 'fetch'>> = {
    youtube: chainDownloaders([first ?? withChecks(media, createYtDlpDownloader(media)), ...others]),
    http: withChecks(media, createEpisodeDownloader(media)),
    file: {
      fetch: () => {
        const message = 'It was imported from a file. Import the file again: `npm run import`.';
        return Promise.reject(new PermanentError('unsupported', message));
      },
    },
  };

  return {
    async produce(key, context) {
      if (parseVideoKey(key.provider, key.videoId) === undefined) {
        throw new PermanentError('unsupported', `Invalid video id for provider ${key.provider}.`);
      }
      return await stageAudio(key, downloaders[key.provider], staging, context);
    },
  };
}

/**
 * Fetches audio into a work directory and moves the checked result into staging.
 * @param beforeStaged called when the file has passed all checks; if it fails, nothing is staged.
 * @throws JobError
 */
export async function stageAudio(
  key: VideoKey,
  downloader: Pick<AudioDownloader<CheckedAudio>, 'fetch'>,
  staging: AudioStaging,
  context: MediaContext,
  beforeStaged?: () => Promise<void>,
): Promise<StagedAudio> {
  const workDirectory = await staging.createWorkDirectory();
  try {
    const { fetched, converted, properties } = await downloader.fetch(key, workDirectory, context);
    const { size } = await stat(converted.file);
    await beforeStaged?.();
    const audio = {
      ...properties,
      ...fetched.track,
      format: converted.format,
      sizeBytes: size,
      source: fetched.source,
      ...definedFields({ peaks: converted.peaks }),
      // The metadata file is no place for the token of an episode: the record has the address.
      metadata: { ...fetched.metadata, url: shownAddress(fetched.metadata.url) },
    };
    return await staging.put(key, converted.file, audio, context.signal);
  } finally {
    await staging.removeWorkDirectory(workDirectory);
  }
}

/**
 * A downloader whose audio is converted and checked, so that the next one is tried for audio that does not pass. A complete
 * file of a wrong length is fetched once more: if the site serves it again, no further try can pass.
 */
export function withChecks(media: MediaConfig, downloader: AudioDownloader): AudioDownloader<CheckedAudio> {
  const fetchOnce = async (key: VideoKey, workDirectory: string, context: MediaContext) =>
    check(media, await downloader.fetch(key, workDirectory, context), context);
  return {
    name: downloader.name,
    fetch: async (key, workDirectory, context) => {
      try {
        return await fetchOnce(key, workDirectory, context);
      } catch (error) {
        if (!(error instanceof JobError && error.errorClass === 'wrong_duration')) throw error;
        context.logger.info({ video: key.videoId, err: error }, 'Fetching the audio once more');
        return await fetchOnce(key, workDirectory, context);
      }
    },
  };
}

async function check(
  media: MediaConfig,
  fetched: FetchedAudio,
  context: MediaContext,
): Promise<CheckedAudio> {
  const profile = context.profile ?? media.profile;
  const converted = await convertAudio(media, profile, fetched, context);
  context.onProgress({ stage: 'check' });
  const properties =
    (await readFinishedMp3(converted.file)) ??
    (await probeAudio(media.ffprobePath, converted.file, context.signal));
  const announcedSeconds = [fetched.metadata.durationSeconds, fetched.formatSeconds];
  checkAudio(properties, {
    profile,
    announcedSeconds: announcedSeconds.filter((seconds) => seconds !== undefined),
    sourceSeconds: converted.sourceSeconds,
    source: fetched.source,
    isTruncated: converted.isTruncated,
  });
  return { fetched, converted, properties };
}
