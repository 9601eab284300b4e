import path from 'node:path';
import { runLines, spawnProgram, stoppedError } from '../runtime/child-process.ts';
import { withLimits } from '../runtime/resource-limits.ts';
import { classifyFfmpegFailure } from './ffmpeg-errors.ts';
import type { FfmpegConfig } from './ffmpeg.ts';

/** Width and height of a cover: the least that Apple takes (at most 3,000). */
export const COVER_PIXELS = 1_400;

/** What is left of the picture behind it. */
const BACK_PIXELS = '14:14';
const DEADLINE_MS = 30_000;
const MEMORY_BYTES = 1024 ** 3;
const MAX_COVER_BYTES = 4 * 1024 ** 2;
const MAX_PIXELS = 40_000_000;

/**
 * The picture in the beginning of an MP3 as a square JPEG: whole, on a blurred enlargement of itself.
 * @param file holds the ID3 tag and the first frames
 * @param coverFile in the same directory
 * @throws JobError, also when there is no picture in it
 */
export async function makeSquareCover(
  { ffmpegPath }: Pick<FfmpegConfig, 'ffmpegPath'>,
  file: string,
  coverFile: string,
  signal: AbortSignal,
): Promise<void> {
  const size = `${String(COVER_PIXELS)}:${String(COVER_PIXELS)}`;
  // Blurred by making it small and large again. The image of the container has no more filters than these.
  const filters =
    `[0:v:0]split[a][b];[a]scale=${size}:force_original_aspect_ratio=increase,crop=${size},` +
    `scale=${BACK_PIXELS}:flags=area,scale=${size}:flags=bicubic[back];` +
    `[b]scale=${size}:force_original_aspect_ratio=decrease[front];[back][front]overlay=(W-w)/2:(H-h)/2,format=yuvj420p[out]`;
  const args = [
    ...['-hide_banner', '-nostdin', '-nostats', '-y', '-loglevel', 'level+error'],
    ...['-protocol_whitelist', 'file,pipe', '-format_whitelist', 'mp3', '-max_pixels', String(MAX_PIXELS)],
    // Written like this, no file name is taken for an option or a protocol.
    ...['-f', 'mp3', '-i', `file:${path.basename(file)}`],
    ...['-filter_complex', filters, '-map', '[out]', '-an', '-frames:v', '1', '-c:v', 'mjpeg', '-q:v', '3'],
    ...['-f', 'image2', '-update', '1', `file:${path.basename(coverFile)}`],
  ];
  const call = await withLimits(ffmpegPath, args, {
    ...{ fileBytes: MAX_COVER_BYTES, memoryBytes: MEMORY_BYTES, cpuSeconds: DEADLINE_MS / 1_000 },
  });
  const lines: string[] = [];
  const outcome = await runLines(spawnProgram(...call, path.dirname(file)), {
    ...{ signal, stallMs: DEADLINE_MS, deadlineMs: DEADLINE_MS },
    onStderrLine: (line) => {
      if (lines.length < 20) lines.push(line);
      return undefined;
    },
  });
  const stopped = stoppedError(outcome, signal, 'ffmpeg');
  if (stopped !== undefined) throw stopped;
  if (outcome.exitCode !== 0) throw classifyFfmpegFailure(lines, outcome);
}
