import { execFile } from 'node:child_process';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'shell-quote';
import { z } from 'zod';
import type { MediaConfig } from '../../src/config/config.ts';
import type { MediaContext, MediaProgress } from '../../src/media/audio-downloader.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';

/** The configuration with which the real programs use the sample channel. */
export function mediaConfig(changes: Partial<MediaConfig> = {}): MediaConfig {
  return {
    downloaders: ['yt-dlp'],
    profile: 'mp3-320',
    ytDlpPath: process.env['YTDLP_PATH'] ?? 'yt-dlp',
    isYtDlpResident: true,
    ytDlpExtraArgs: parse(process.env['SAMPLE_CHANNEL_EXTRA_ARGS'] ?? '').filter(
      (word) => typeof word === 'string',
    ),
    ffmpegPath: 'ffmpeg',
    ffprobePath: 'ffprobe',
    maxSizeBytes: 100 * 1024 ** 2,
    maxOutputBytes: 100 * 1024 ** 2,
    maxDurationSeconds: 24 * 3600,
    stallMs: 30_000,
    deadlineMs: 60_000,
    saveTube: { apiUrl: 'http://127.0.0.1:9', cdnScheme: 'http' },
    enclosures: { contactUrl: undefined, allowPrivateAddresses: true },
    ...changes,
  };
}

/** A context that records all progress and logs nothing. */
export function mediaContext(signal = new AbortController().signal): MediaContext & {
  readonly seen: MediaProgress[];
} {
  const seen: MediaProgress[] = [];
  return { signal, seen, logger: createSilentLogger(), onProgress: (progress) => void seen.push(progress) };
}

/** A new temporary directory. */
export function temporaryDirectory(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'sonotheque-media-'));
}

/** All files below a directory, relative to it, in order. */
export async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
    .sort();
}

const probeSchema = z.object({
  streams: z.array(
    z.object({
      codec_name: z.string(),
      disposition: z.record(z.string(), z.number()),
      bit_rate: z.string().optional(),
    }),
  ),
  format: z.object({ duration: z.coerce.number(), tags: z.record(z.string(), z.string()).optional() }),
});

/** Probes a file with ffprobe, independently of the code under test. */
export async function probed(file: string): Promise<z.output<typeof probeSchema>> {
  const { stdout } = await promisify(execFile)('ffprobe', [
    ...['-v', 'error', '-show_format', '-show_streams', '-of', 'json'],
    `file:${file}`,
  ]);
  return probeSchema.parse(JSON.parse(stdout));
}
