import type { AudioProfile } from '../domain/audio.ts';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { MediaConfig } from '../config/config.ts';
import { PermanentError, toJobError } from '../domain/job-errors.ts';
import { shownAddress } from '../domain/shown-address.ts';
import { statIfThere } from '../runtime/files.ts';
import type { FetchedAudio, MediaContext, VideoDescription } from './audio-downloader.ts';
import { outputTooLarge } from './media-errors.ts';
import type { ConversionLimits } from './conversion-limits.ts';
import { runConversion, type Conversion, type ConversionResult, type FfmpegConfig } from './ffmpeg.ts';

export type ConversionConfig = FfmpegConfig & Pick<MediaConfig, 'maxOutputBytes' | 'maxDurationSeconds'>;

/** A converted file, not checked yet. */
export interface ConvertedAudio extends ConversionResult {
  /** Absolute path, in the work directory. */
  readonly file: string;
  /** Extension without the dot. */
  readonly format: string;
}

/** Larger pictures are left out: every copy of the audio would carry them. */
const MAX_COVER_BYTES = 10 * 1024 * 1024;
const MAX_TAG_LENGTH = 1000;

/** Containers of the profile `original`, by the extension of the fetched file: [our extension, ffmpeg's name]. */
const ORIGINAL_CONTAINERS: ReadonlyMap<string, readonly [format: string, container: string]> = new Map([
  ['.m4a', ['m4a', 'ipod']],
  ['.mp4', ['m4a', 'ipod']],
  ['.mov', ['m4a', 'ipod']],
  ['.3gp', ['m4a', 'ipod']],
  ['.aac', ['m4a', 'ipod']],
  ['.webm', ['webm', 'webm']],
  ['.mkv', ['mka', 'matroska']],
  ['.mka', ['mka', 'matroska']],
  ['.mp3', ['mp3', 'mp3']],
  ['.ogg', ['ogg', 'ogg']],
  ['.opus', ['opus', 'opus']],
  ['.flac', ['flac', 'flac']],
  ['.wav', ['wav', 'wav']],
]);
/** The formats in which `runConversion` can embed a picture. */
const WITH_COVER = new Set(['mp3', 'm4a']);

/**
 * Converts the fetched audio to a profile, with title, artist, date, source address and, where the container allows it,
 * the cover. A cover that cannot be used is left out; it never makes the conversion fail.
 * @throws JobError
 */
export async function convertAudio(
  config: ConversionConfig,
  profile: AudioProfile,
  fetched: FetchedAudio,
  context: MediaContext,
): Promise<ConvertedAudio> {
  const [format, container] = containerFor(profile, fetched.file);
  const directory = path.dirname(fetched.file);
  const conversion: Conversion = {
    directory,
    inputFile: path.basename(fetched.file),
    outputFile: `converted.${format}.part`,
    container,
    encoding: profile === 'original' || fetched.isFinishedMp3 === true ? 'copy' : profile,
    withPeaks: true,
    tags: tagsOf(fetched.metadata),
    expectedSeconds: fetched.metadata.durationSeconds,
    limits: await limitsOf(config, fetched),
  };
  const coverFile = WITH_COVER.has(format) ? await usableCover(fetched) : undefined;
  context.onProgress({ stage: 'convert', percent: 0 });
  const whole = coverFile === undefined ? conversion : { ...conversion, coverFile };
  const result = await withOrWithoutExtras(config, whole, context);
  // ffmpeg says how far it is only now and then.
  const written = await statIfThere(path.join(directory, conversion.outputFile));
  if ((written?.size ?? 0) > config.maxOutputBytes) throw outputTooLarge();
  return { ...result, file: path.join(directory, conversion.outputFile), format };
}

async function withOrWithoutExtras(
  config: FfmpegConfig,
  conversion: Conversion,
  context: MediaContext,
): Promise<ConversionResult> {
  const { coverFile, ...bare } = conversion;
  try {
    return await runConversion(config, conversion, context);
  } catch (error) {
    const { errorClass } = toJobError(error);
    const errors = coverFile === undefined ? PEAKS_ERRORS[conversion.encoding] : COVER_ERRORS;
    if (!errors.includes(errorClass)) throw error;
    context.logger.info(
      { err: error },
      'The conversion failed; trying again without the cover and the peaks.',
    );
    return runConversion(config, { ...bare, withPeaks: false }, context);
  }
}

/** Failures that the cover may have caused. */
const COVER_ERRORS: readonly string[] = [
  'broken_media',
  'truncated_media',
  'no_audio',
  'tool_missing',
  'too_complex',
];
/** Failures that the peaks may have caused: an ffmpeg without their encoder; channels that cannot become one, where nothing else encodes. */
const PEAKS_ERRORS: Readonly<Record<Conversion['encoding'], readonly string[]>> = {
  'mp3-320': ['tool_missing'],
  copy: ['broken_media', 'tool_missing'],
};

function containerFor(profile: AudioProfile, file: string): readonly [format: string, container: string] {
  switch (profile) {
    case 'mp3-320':
      return ['mp3', 'mp3'];
    case 'original': {
      const extension = path.extname(file).toLowerCase();
      const found = ORIGINAL_CONTAINERS.get(extension);
      if (found === undefined) {
        throw new PermanentError(
          'no_audio',
          `The site served a file type without a known container: ${extension}`,
        );
      }
      return found;
    }
  }
}

async function limitsOf(
  { maxOutputBytes, maxDurationSeconds }: ConversionConfig,
  { file, metadata, formatSeconds, source }: FetchedAudio,
): Promise<ConversionLimits> {
  // What feeds say of durations is often wrong.
  const announced = source === 'http' ? [] : [metadata.durationSeconds, formatSeconds];
  return {
    inputBytes: (await stat(file)).size,
    maxOutputBytes,
    maxSeconds: maxDurationSeconds,
    announcedSeconds: announced.filter((seconds) => seconds !== undefined),
  };
}

/** `comment` and `purl` carry the source address, as yt-dlp's own `--embed-metadata` does. */
function tagsOf(metadata: VideoDescription): Record<string, string> {
  const address = shownAddress(metadata.url);
  const tags: Record<string, string> = { comment: address, purl: address };
  if (metadata.title !== undefined) tags['title'] = tagText(metadata.title);
  if (metadata.author !== undefined) tags['artist'] = tagText(metadata.author);
  if (metadata.publishedAt !== undefined) tags['date'] = metadata.publishedAt.toISOString().slice(0, 10);
  return tags;
}

/** Control characters become blanks; an argument cannot contain NUL. */
function tagText(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_TAG_LENGTH)
    .toWellFormed();
}

async function usableCover({ coverFile }: FetchedAudio): Promise<string | undefined> {
  if (coverFile === undefined) return undefined;
  const found = await stat(coverFile).catch(() => undefined);
  return found !== undefined && found.size > 0 && found.size <= MAX_COVER_BYTES
    ? path.basename(coverFile)
    : undefined;
}
