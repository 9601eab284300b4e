import { spawn } from 'node:child_process';
import path from 'node:path';
import fluentFfmpeg, { type FfmpegCommand } from 'fluent-ffmpeg';
import { z } from 'zod';
import type { MediaConfig } from '../config/config.ts';
import { childEnvironment } from '../runtime/child-process-environment.ts';
import { runLines } from '../runtime/child-process.ts';
import { interruptionOf } from '../runtime/deadline.ts';
import { TransientError } from '../domain/job-errors.ts';
import type { MediaContext } from './audio-downloader.ts';
import { classifyFfmpegFailure } from './ffmpeg-errors.ts';
import { FfmpegReport } from './ffmpeg-report.ts';

declare module 'fluent-ffmpeg' {
  interface FfmpegCommand {
    /** Not documented, but what its own `run` uses; the version is pinned and the library archived. */
    _getArguments(): unknown;
  }
}

/** The programs and limits of a conversion. */
export type FfmpegConfig = Pick<MediaConfig, 'ffmpegPath' | 'stallMs' | 'deadlineMs'>;

/** One conversion. All files are named relative to the directory it runs in. */
export interface Conversion {
  readonly directory: string;
  readonly inputFile: string;
  readonly outputFile: string;
  /** ffmpeg's name of the container that is written: `mp3`, `mp4`, `webm`. */
  readonly container: string;
  /** `copy` keeps the encoding; it is decoded all the same, to find what is broken. */
  readonly encoding: 'mp3-320' | 'copy';
  readonly coverFile?: string;
  readonly tags: Readonly<Record<string, string>>;
  /** For percentages, when it is known. */
  readonly expectedSeconds?: number;
}

/** What a conversion found out about its input. */
export interface ConversionFindings {
  /** The length that the input's own header announces. */
  readonly sourceSeconds?: number;
  /** The input stopped before its end. */
  readonly isTruncated: boolean;
}

/** Containers that sites serve audio in. Playlists and lists of files are not among them: they name other files. */
export const INPUT_FORMATS = 'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mp3,ogg,aac,flac,wav,mpegts';
const COVER_FORMATS = 'image2,jpeg_pipe,png_pipe,webp_pipe';

/**
 * Converts one file. fluent-ffmpeg describes the command; it is run by `runLines` because fluent-ffmpeg's own runner
 * starts further programs before each run, keeps ffmpeg in our process group, where Ctrl-C would end it in
 * mid-file, and has neither stall limit nor readable progress.
 * @throws JobError of the class that the failure deserves.
 */
export async function runConversion(
  config: FfmpegConfig,
  conversion: Conversion,
  context: MediaContext,
): Promise<ConversionFindings> {
  // Rates and counts are numbers there.
  const args = z.array(z.coerce.string()).parse(describe(conversion)._getArguments());
  const report = new FfmpegReport(conversion.expectedSeconds, context.onProgress);
  const child = spawn(config.ffmpegPath, args, {
    cwd: conversion.directory,
    detached: true,
    env: childEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const outcome = await runLines(child, {
    signal: context.signal,
    stallMs: config.stallMs,
    deadlineMs: config.deadlineMs,
    isActivity: (line, stream) => report.take(line, stream),
  });
  switch (outcome.endedBy) {
    case 'abort':
      throw interruptionOf(context.signal);
    case 'stall':
      throw new TransientError('stall', 'ffmpeg made no progress for too long and was ended.');
    case 'deadline':
      throw new TransientError('timeout', 'ffmpeg took longer than DOWNLOAD_DEADLINE_SECONDS and was ended.');
    case undefined:
      break;
  }
  if (outcome.exitCode !== 0) throw classifyFfmpegFailure(report.errorLines, outcome);
  return {
    isTruncated: report.isTruncated,
    ...(report.sourceSeconds === undefined ? {} : { sourceSeconds: report.sourceSeconds }),
  };
}

/** Options are always given as separate arguments: fluent-ffmpeg splits single ones and elements of arrays at blanks. */
function describe(conversion: Conversion): FfmpegCommand {
  const command = fluentFfmpeg()
    .input(fileUrl(conversion.inputFile))
    .inputOptions('-hide_banner', '-nostdin', '-nostats', '-xerror', '-y')
    .inputOptions('-loglevel', 'level+info')
    .inputOptions('-progress', 'pipe:1', '-stats_period', '0.5')
    .inputOptions('-protocol_whitelist', 'file,pipe', '-format_whitelist', INPUT_FORMATS);
  if (conversion.coverFile !== undefined) {
    command
      .input(fileUrl(conversion.coverFile))
      .inputOptions('-protocol_whitelist', 'file,pipe', '-format_whitelist', COVER_FORMATS)
      .inputOptions('-max_pixels', '40000000');
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
  if (conversion.encoding === 'copy') {
    command.output('-').format('null').noVideo().outputOptions('-map', '0:a:0');
  }
  return command;
}

/** A name in the directory of the run: no name can be taken for an option, a protocol or a number pattern. */
function fileUrl(file: string): string {
  return `file:${path.basename(file)}`;
}
