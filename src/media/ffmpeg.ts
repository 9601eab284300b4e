import path from 'node:path';
import fluentFfmpeg, { type FfmpegCommand } from 'fluent-ffmpeg';
import { z } from 'zod';
import type { MediaConfig } from '../config/config.ts';
import { runLines, spawnWithDataPipe, stoppedError } from '../runtime/child-process.ts';
import { withLimits } from '../runtime/resource-limits.ts';
import { definedFields } from '../domain/defined-fields.ts';
import type { MediaContext } from './audio-downloader.ts';
import { checkLimits, type ConversionLimits } from './conversion-limits.ts';
import { classifyFfmpegFailure } from './ffmpeg-errors.ts';
import { FfmpegReport } from './ffmpeg-report.ts';
import { PEAKS_SAMPLE_RATE, PeaksReducer, type Peaks } from './peaks.ts';

declare module 'fluent-ffmpeg' {
  interface FfmpegCommand {
    /** Undocumented, but its own `run` uses it; the version is pinned and the library archived. */
    _getArguments(): unknown;
  }
}

export type FfmpegConfig = Pick<MediaConfig, 'ffmpegPath' | 'stallMs' | 'deadlineMs'>;

/** One conversion. All file names are relative to the directory. */
export interface Conversion {
  readonly directory: string;
  readonly inputFile: string;
  readonly outputFile: string;
  /** ffmpeg's name of the output container: `mp3`, `mp4`, `webm`. */
  readonly container: string;
  /** `copy` keeps the encoding; the audio is decoded all the same, to find errors. */
  readonly encoding: 'mp3-320' | 'copy';
  readonly coverFile?: string;
  /** Whether peaks are measured too. */
  readonly withPeaks: boolean;
  readonly tags: Readonly<Record<string, string>>;
  /** For the percentage; undefined when it is unknown. */
  readonly expectedSeconds: number | undefined;
  readonly limits: ConversionLimits;
}

export interface ConversionResult {
  /** The duration that the header of the input announces. */
  readonly sourceSeconds?: number;
  /** The input ended too early. */
  readonly isTruncated: boolean;
  /** Of the whole input. */
  readonly peaks?: Peaks;
}

/** Containers in which sites serve audio; no playlists and file lists, because they refer to other files. */
export const INPUT_FORMATS = 'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mp3,ogg,aac,flac,wav,mpegts';
const COVER_FORMATS = 'image2,jpeg_pipe,png_pipe,webp_pipe';
/**
 * With two inputs ffmpeg 5 reads each in a thread and hands over packet by packet: a tenth of the CPU time of a conversion with a
 * cover. 0 is no thread there, and the default in other versions (`thread_start` in fftools/ffmpeg_demux.c).
 */
const NO_INPUT_THREAD = ['-thread_queue_size', '0'] as const;
/** A conversion takes 60 MB; a cover of the largest size that is allowed takes 500 MB. */
const MEMORY_BYTES = 1024 ** 3;
/** Beside the audio: tags and the cover. */
const OTHER_OUTPUT_BYTES = 16 * 1024 ** 2;

/**
 * Converts one file. fluent-ffmpeg builds the command and `runLines` runs it: fluent-ffmpeg's own runner starts further
 * programs before each run, keeps ffmpeg in our process group, where Ctrl-C would end it in mid-file, and has neither a
 * stall limit nor readable progress.
 * @throws JobError
 */
export async function runConversion(
  config: FfmpegConfig,
  conversion: Conversion,
  context: MediaContext,
): Promise<ConversionResult> {
  return await runFfmpeg(config, commandOf(conversion), conversion, context);
}

/**
 * Decodes a whole file for its peaks alone.
 * @returns undefined when it has no sample.
 * @throws JobError
 */
export async function measurePeaks(
  config: FfmpegConfig,
  input: Pick<Conversion, 'directory' | 'inputFile' | 'limits'>,
  context: MediaContext,
): Promise<Peaks | undefined> {
  const run = { ...input, expectedSeconds: undefined };
  const { peaks } = await runFfmpeg(config, addPeaks(inputOf(input)), run, context);
  return peaks;
}

async function runFfmpeg(
  config: FfmpegConfig,
  command: FfmpegCommand,
  { directory, limits, expectedSeconds }: Pick<Conversion, 'directory' | 'limits' | 'expectedSeconds'>,
  context: MediaContext,
): Promise<ConversionResult> {
  // Some of its arguments are numbers.
  const args = z.array(z.coerce.string()).parse(command._getArguments());
  const report = new FfmpegReport(expectedSeconds, context.onProgress);
  const reducer = new PeaksReducer();
  const call = await withLimits(config.ffmpegPath, args, {
    fileBytes: limits.maxOutputBytes + OTHER_OUTPUT_BYTES,
    memoryBytes: MEMORY_BYTES,
    cpuSeconds: config.deadlineMs / 1000,
  });
  const outcome = await runLines(spawnWithDataPipe(...call, directory), {
    signal: context.signal,
    stallMs: config.stallMs,
    deadlineMs: config.deadlineMs,
    isActivity: (line, stream) => {
      const isActivity = report.addLine(line, stream);
      checkLimits(limits, report);
      return isActivity;
    },
    onData: (chunk) => {
      reducer.add(chunk);
    },
  });
  const stopped = stoppedError(outcome, context.signal, 'ffmpeg', 'DOWNLOAD_DEADLINE_SECONDS');
  if (stopped !== undefined) throw stopped;
  if (outcome.exitCode !== 0) throw classifyFfmpegFailure(report.errorLines, outcome);
  const { isTruncated, sourceSeconds } = report;
  return definedFields({ isTruncated, sourceSeconds, peaks: reducer.peaks() });
}

/** Each option is a separate argument: fluent-ffmpeg splits single strings and array elements at blanks. */
function inputOf({ inputFile }: Pick<Conversion, 'inputFile'>): FfmpegCommand {
  return fluentFfmpeg()
    .input(fileUrl(inputFile))
    .inputOptions('-hide_banner', '-nostdin', '-nostats', '-xerror', '-y')
    .inputOptions('-loglevel', 'level+info')
    .inputOptions('-progress', 'pipe:1', '-stats_period', '0.5')
    .inputOptions('-protocol_whitelist', 'file,pipe', '-format_whitelist', INPUT_FORMATS, ...NO_INPUT_THREAD);
}

function commandOf(conversion: Conversion): FfmpegCommand {
  const command = inputOf(conversion);
  if (conversion.coverFile !== undefined) {
    command
      .input(fileUrl(conversion.coverFile))
      .inputOptions('-protocol_whitelist', 'file,pipe', '-format_whitelist', COVER_FORMATS)
      .inputOptions('-max_pixels', '40000000', ...NO_INPUT_THREAD);
  }
  command
    .output(fileUrl(conversion.outputFile))
    .format(conversion.container)
    .outputOptions('-map', '0:a:0', '-sn', '-dn')
    .outputOptions('-map_metadata', '-1', '-map_chapters', '-1');
  if (conversion.encoding === 'copy') {
    command.audioCodec('copy');
  } else {
    command.audioCodec('libmp3lame').audioBitrate(320).audioFrequency(44_100).audioChannels(2);
    command.outputOptions('-id3v2_version', '3', '-write_id3v1', '1');
  }
  if (conversion.coverFile === undefined) {
    command.noVideo();
  } else {
    command
      .outputOptions('-map', '1:v:0', '-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-frames:v', '1')
      .outputOptions('-filter:v', "scale=w='min(1280,iw)':h=-2", '-disposition:v', 'attached_pic');
  }
  for (const [name, value] of Object.entries(conversion.tags)) {
    command.outputOptions('-metadata', `${name}=${value}`);
  }
  if (conversion.withPeaks) return addPeaks(command);
  if (conversion.encoding === 'copy') {
    command.output('-').format('null').noVideo().outputOptions('-map', '0:a:0');
  }
  return command;
}

/**
 * Samples of 16 bits, of one channel, to file descriptor 3. The audio is decoded once for all outputs. Without
 * `-flush_packets 0` ffmpeg writes each packet of some 400 bytes by itself, and this process is woken for each. The filter of
 * the resampler is short (32 is usual): what it lets through of higher tones is no fault in a waveform, and it takes half the
 * time.
 */
function addPeaks(command: FfmpegCommand): FfmpegCommand {
  return command
    .output('pipe:3')
    .format('s16le')
    .noVideo()
    .audioCodec('pcm_s16le')
    .audioChannels(1)
    .audioFrequency(PEAKS_SAMPLE_RATE)
    .outputOptions('-map', '0:a:0', '-filter_size', '4', '-flush_packets', '0');
}

/** Written like this, no file name is taken for an option, a protocol or a number pattern. */
function fileUrl(file: string): string {
  return `file:${path.basename(file)}`;
}
