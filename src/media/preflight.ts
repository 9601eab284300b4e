import { spawn, type ChildProcess } from 'node:child_process';
import type { MediaConfig } from '../config/config.ts';
import { childEnvironment } from '../runtime/child-process-environment.ts';
import { runLines } from '../runtime/child-process.ts';
import { interruptionOf } from '../runtime/deadline.ts';
import { OperatorError, TransientError } from '../domain/job-errors.ts';
import { spawnYtDlp } from './yt-dlp-process.ts';

/** Older ones have known security holes (CVE-2026-55404 is the last) and no longer understand the site. */
export const OLDEST_YTDLP = '2026.07.04';
const DEADLINE_MS = 30_000;

/** The versions that the programs say they have. */
export interface MediaToolVersions {
  readonly ytDlp: string;
  readonly ffmpeg: string;
  readonly ffprobe: string;
}

type Programs = Pick<MediaConfig, 'ytDlpPath' | 'ffmpegPath' | 'ffprobePath'>;

/**
 * Runs each program that downloads need.
 * @throws OperatorError `tool_missing` that names the first one that is missing, too old or lacks an encoder.
 */
export async function checkMediaTools(programs: Programs, signal: AbortSignal): Promise<MediaToolVersions> {
  const ytDlp = await checkYtDlp(programs.ytDlpPath, signal);
  const ffmpeg = await checkFfmpeg(programs.ffmpegPath, signal);
  const ffprobe = versionOf(await outputOf(start(programs.ffprobePath, ['-version']), signal), 'ffprobe');
  return { ytDlp, ffmpeg, ffprobe };
}

async function checkYtDlp(program: string, signal: AbortSignal): Promise<string> {
  const output = await outputOf(spawnYtDlp(program, ['--ignore-config', '--version']), signal);
  const version = /^\d{4}\.\d{2}\.\d{2}[\w.]*$/m.exec(output)?.[0];
  if (version === undefined) {
    throw new OperatorError('tool_missing', `${program} is not yt-dlp. Set YTDLP_PATH.`);
  }
  if (version.slice(0, OLDEST_YTDLP.length) < OLDEST_YTDLP) {
    throw new OperatorError(
      'tool_missing',
      `yt-dlp ${version} is too old: at least ${OLDEST_YTDLP} is needed. Update it with \`pip install -U "yt-dlp[default]"\`.`,
    );
  }
  return version;
}

async function checkFfmpeg(program: string, signal: AbortSignal): Promise<string> {
  const version = versionOf(await outputOf(start(program, ['-version']), signal), 'ffmpeg');
  const encoders = await outputOf(start(program, ['-hide_banner', '-encoders']), signal);
  if (!/\blibmp3lame\b/.test(encoders)) {
    throw new OperatorError('tool_missing', `${program} has no MP3 encoder (libmp3lame). Set FFMPEG_PATH.`);
  }
  return version;
}

function versionOf(output: string, name: 'ffmpeg' | 'ffprobe'): string {
  const version = new RegExp(`^${name} version (\\S+)`).exec(output)?.[1];
  if (version !== undefined) return version;
  throw new OperatorError(
    'tool_missing',
    `The program for ${name} is another one. Set ${name.toUpperCase()}_PATH.`,
  );
}

function start(program: string, args: readonly string[]): ChildProcess {
  return spawn(program, args, { detached: true, env: childEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
}

async function outputOf(child: ChildProcess, signal: AbortSignal): Promise<string> {
  const lines: string[] = [];
  const outcome = await runLines(child, {
    signal,
    stallMs: DEADLINE_MS,
    deadlineMs: DEADLINE_MS,
    onStdoutLine: (line) => {
      if (lines.length < 2000) lines.push(line);
      return undefined;
    },
  });
  if (outcome.endedBy === 'abort') throw interruptionOf(signal);
  if (outcome.endedBy !== undefined) {
    throw new TransientError('timeout', `${child.spawnfile} did not tell its version in time.`);
  }
  return lines.join('\n');
}
