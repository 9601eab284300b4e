import type { ChildProcess } from 'node:child_process';
import type { MediaConfig } from '../config/config.ts';
import { runLines, spawnProgram, stoppedError } from '../runtime/child-process.ts';
import { OperatorError } from '../domain/job-errors.ts';
import { createVersionMemory, fingerprintOf, NO_MEMORY, type VersionMemory } from './remembered-versions.ts';
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
 * Runs each program that downloads need, side by side.
 * @param memory left out: every program is run
 * @throws OperatorError `tool_missing` for the first one that is missing, too old or without the MP3 encoder.
 */
export async function checkMediaTools(
  { ytDlpPath, ffmpegPath, ffprobePath }: Programs,
  signal: AbortSignal,
  memory: VersionMemory = NO_MEMORY,
): Promise<MediaToolVersions> {
  const [ytDlp, ffmpeg, ffprobe] = await Promise.allSettled([
    checkYtDlp(ytDlpPath, signal, memory),
    memory.versionOf('ffmpeg', ffmpegPath, () => checkFfmpeg(ffmpegPath, signal)),
    memory.versionOf('ffprobe', ffprobePath, () => checkFfprobe(ffprobePath, signal)),
  ]);
  // All have ended before the first error is thrown, so that no program is left running.
  return { ytDlp: valueOf(ytDlp), ffmpeg: valueOf(ffmpeg), ffprobe: valueOf(ffprobe) };
}

function valueOf<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
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

/** @param memory also spares a new process the first check; left out: that of this user */
export function createToolChecker(programs: Programs, memory = createVersionMemory()): ToolChecker {
  let checked: { readonly fingerprint: string; readonly versions: MediaToolVersions } | undefined;
  return {
    check: async (signal) => {
      const { ytDlpPath, ffmpegPath, ffprobePath } = programs;
      const fingerprint = [ytDlpPath, ffmpegPath, ffprobePath].map(fingerprintOf).join(' ');
      if (checked?.fingerprint === fingerprint) return checked.versions;
      checked = undefined;
      const versions = await checkMediaTools(programs, signal, memory);
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

async function checkYtDlp(program: string, signal: AbortSignal, memory: VersionMemory): Promise<string> {
  const version = await memory.versionOf('yt-dlp', program, () => knownYtDlpVersion(program, signal));
  if (version.slice(0, OLDEST_YTDLP.length) < OLDEST_YTDLP) {
    throw new OperatorError(
      'tool_missing',
      `yt-dlp ${version} is too old: at least ${OLDEST_YTDLP} is needed. ${HOW_TO_UPDATE}`,
    );
  }
  return version;
}

async function knownYtDlpVersion(program: string, signal: AbortSignal): Promise<string> {
  const version = await readYtDlpVersion(program, signal);
  if (version !== undefined) return version;
  throw new OperatorError('tool_missing', `${program} is not yt-dlp. Set YTDLP_PATH.`);
}

/**
 * The version of yt-dlp, without running it where its file is known.
 * @throws OperatorError `tool_missing` when it is missing or another program.
 */
export function rememberedYtDlpVersion(program: string, signal: AbortSignal): Promise<string> {
  return createVersionMemory().versionOf('yt-dlp', program, () => knownYtDlpVersion(program, signal));
}

async function checkFfmpeg(program: string, signal: AbortSignal): Promise<string> {
  const outputs = await Promise.allSettled([
    outputOf(spawnProgram(program, ['-version']), signal),
    outputOf(spawnProgram(program, ['-hide_banner', '-encoders']), signal),
  ]);
  const [banner, encoders] = outputs.map(valueOf);
  const version = versionOf(banner ?? '', 'ffmpeg');
  if (!/\blibmp3lame\b/.test(encoders ?? '')) {
    throw new OperatorError('tool_missing', `${program} has no MP3 encoder (libmp3lame). Set FFMPEG_PATH.`);
  }
  return version;
}

async function checkFfprobe(program: string, signal: AbortSignal): Promise<string> {
  return versionOf(await outputOf(spawnProgram(program, ['-version']), signal), 'ffprobe');
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
