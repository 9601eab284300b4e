import type { ChildProcess } from 'node:child_process';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { MediaConfig } from '../config/config.ts';
import { childEnvironment } from '../runtime/child-process-environment.ts';
import { runLines, spawnProgram, stoppedError } from '../runtime/child-process.ts';
import { OperatorError } from '../domain/job-errors.ts';
import { spawnYtDlp } from './yt-dlp-process.ts';
import { HOW_TO_UPDATE, OLDEST_YTDLP } from './yt-dlp-version.ts';

const DEADLINE_MS = 30_000;

export interface MediaToolVersions {
  readonly ytDlp: string;
  readonly ffmpeg: string;
  readonly ffprobe: string;
}

type Programs = Pick<MediaConfig, 'ytDlpPath' | 'ffmpegPath' | 'ffprobePath'>;

/**
 * Runs each program that downloads need.
 * @throws OperatorError `tool_missing` for the first one that is missing, too old or without the MP3 encoder.
 */
export async function checkMediaTools(programs: Programs, signal: AbortSignal): Promise<MediaToolVersions> {
  const ytDlp = await checkYtDlp(programs.ytDlpPath, signal);
  const ffmpeg = await checkFfmpeg(programs.ffmpegPath, signal);
  const ffprobe = versionOf(
    await outputOf(spawnProgram(programs.ffprobePath, ['-version']), signal),
    'ffprobe',
  );
  return { ytDlp, ffmpeg, ffprobe };
}

/** Checks programs that may be updated, broken or removed while a worker runs. */
export interface ToolChecker {
  /**
   * Repeats the check of the programs if one of their files has changed since the last successful check; otherwise it
   * only reads the stats of three files.
   * @throws OperatorError `tool_missing` for the program that is missing or too old.
   */
  check(signal: AbortSignal): Promise<MediaToolVersions>;
}

export function createToolChecker(programs: Programs): ToolChecker {
  let checked: { readonly fingerprint: string; readonly versions: MediaToolVersions } | undefined;
  return {
    check: async (signal) => {
      const { ytDlpPath, ffmpegPath, ffprobePath } = programs;
      const files = await Promise.all([ytDlpPath, ffmpegPath, ffprobePath].map(fingerprintOf));
      const fingerprint = files.join(' ');
      if (checked?.fingerprint === fingerprint) return checked.versions;
      checked = undefined;
      const versions = await checkMediaTools(programs, signal);
      checked = { fingerprint, versions };
      return versions;
    },
  };
}

/**
 * The version that the program prints; undefined when it is another program.
 * @throws OperatorError `tool_missing` when it cannot be started.
 */
export async function readYtDlpVersion(program: string, signal: AbortSignal): Promise<string | undefined> {
  const output = await outputOf(spawnYtDlp(program, ['--ignore-config', '--version']), signal);
  return /^\d{4}\.\d{2}\.\d{2}[\w.]*$/m.exec(output)?.[0];
}

async function checkYtDlp(program: string, signal: AbortSignal): Promise<string> {
  const version = await readYtDlpVersion(program, signal);
  if (version === undefined) {
    throw new OperatorError('tool_missing', `${program} is not yt-dlp. Set YTDLP_PATH.`);
  }
  if (version.slice(0, OLDEST_YTDLP.length) < OLDEST_YTDLP) {
    throw new OperatorError(
      'tool_missing',
      `yt-dlp ${version} is too old: at least ${OLDEST_YTDLP} is needed. ${HOW_TO_UPDATE}`,
    );
  }
  return version;
}

async function checkFfmpeg(program: string, signal: AbortSignal): Promise<string> {
  const version = versionOf(await outputOf(spawnProgram(program, ['-version']), signal), 'ffmpeg');
  const encoders = await outputOf(spawnProgram(program, ['-hide_banner', '-encoders']), signal);
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
    `The program configured as ${name} is a different one. Set ${name.toUpperCase()}_PATH.`,
  );
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
  const stopped = stoppedError(outcome, signal, child.spawnfile);
  if (stopped !== undefined) throw stopped;
  return lines.join('\n');
}

async function fingerprintOf(program: string): Promise<string> {
  for (const file of candidatesFor(program)) {
    try {
      const { ino, size, mtimeMs, ctimeMs } = await stat(file);
      return [file, ino, size, mtimeMs, ctimeMs].join(':');
    } catch {
      // Missing: the next directory of the PATH may have it.
    }
  }
  return 'missing';
}

/** Where the system searches for a program: the path itself when it has a directory, else the PATH. */
function candidatesFor(program: string): string[] {
  if (program.includes(path.sep)) return [program];
  return (childEnvironment()['PATH'] ?? '')
    .split(path.delimiter)
    .map((directory) => path.join(directory, program));
}

const VERSION_READING_MS = 30_000;
const VERSION_KNOWN_MS = 3_600_000;

/**
 * Reads the version of yt-dlp in the background, at most once an hour, for readers who must not wait for it.
 * @returns what gives the version that is known; undefined until it is, and without yt-dlp on this machine.
 */
export function watchYtDlpVersion(program: string): () => string | undefined {
  let version: string | undefined;
  let readAt = -Infinity;
  return () => {
    if (performance.now() - readAt > VERSION_KNOWN_MS) {
      readAt = performance.now();
      readYtDlpVersion(program, AbortSignal.timeout(VERSION_READING_MS)).then(
        (found) => (version = found),
        () => (version = undefined),
      );
    }
    return version;
  };
}
