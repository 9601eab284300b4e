import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MediaConfig } from '../config/config.ts';
import { runLines, type ChildOutcome } from '../runtime/child-process.ts';
import { interruptionOf } from '../runtime/deadline.ts';
import { JobError, LaterError, PermanentError, TransientError } from '../domain/job-errors.ts';
import type { VideoKey } from '../domain/video-key.ts';
import type { AudioDownloader, FetchedAudio, MediaContext } from './audio-downloader.ts';
import { argumentsOfIdentity, downloadArguments } from './yt-dlp-arguments.ts';
import { classifyYtDlpFailure, isBareUnavailable } from './yt-dlp-errors.ts';
import { spawnYtDlp, withOwnCookies } from './yt-dlp-process.ts';
import { YtDlpReport } from './yt-dlp-report.ts';

type YtDlpConfig = Pick<
  MediaConfig,
  'ytDlpPath' | 'ytDlpExtraArgs' | 'maxSizeBytes' | 'stallMs' | 'deadlineMs'
>;

/** The pause before a video that was said to be unavailable, without a reason, is asked for once more. */
const SECOND_LOOK_MS = 1000;
/** How long a live event without an announced end is left alone. */
const LIVE_PAUSE_MS = 3 * 3_600_000;
const COVER_EXTENSIONS = new Set(['.jpg', '.jpeg', '.png', '.webp']);

/** Gets audio with yt-dlp. Its exit code proves nothing: what counts is a file with bytes in it. */
export function createYtDlpDownloader(config: YtDlpConfig): AudioDownloader {
  return {
    name: 'yt-dlp',
    async fetch(key, workDirectory, context) {
      if (key.provider !== 'youtube') {
        throw new PermanentError('unsupported', 'yt-dlp is used for YouTube only.');
      }
      try {
        return await fetchOnce(config, key, workDirectory, context);
      } catch (error) {
        if (!(error instanceof JobError && isBareUnavailable(error))) throw error;
        await sleep(SECOND_LOOK_MS, undefined, { signal: context.signal }).catch(() => {
          throw interruptionOf(context.signal);
        });
        return await fetchOnce(config, key, workDirectory, context);
      }
    },
  };
}

async function fetchOnce(
  config: YtDlpConfig,
  key: VideoKey,
  workDirectory: string,
  context: MediaContext,
): Promise<FetchedAudio> {
  let report = new YtDlpReport(config.maxSizeBytes, context.onProgress);
  let outcome = await run(config, key, workDirectory, context, report, true);
  if (outcome.endedBy === 'stall' && report.metadata !== undefined && !report.hasBegun) {
    // What hung was the cover, which comes before the audio and is never worth a failure.
    context.logger.info({ video: key.videoId }, 'The cover did not arrive; going on without it.');
    report = new YtDlpReport(config.maxSizeBytes, context.onProgress);
    outcome = await run(config, key, workDirectory, context, report, false);
  }
  for (const warning of report.warnings)
    context.logger.debug({ video: key.videoId, warning }, 'yt-dlp warns');
  const failure = failureOf(outcome, report, context.signal);
  if (failure !== undefined) throw failure;
  const file = await mediaFile(report, workDirectory, config.maxSizeBytes);
  const coverFile = await findCover(workDirectory);
  return {
    file,
    ...(coverFile === undefined ? {} : { coverFile }),
    metadata: factsFor(key, report),
    source: 'yt-dlp',
  };
}

async function run(
  config: YtDlpConfig,
  key: VideoKey,
  workDirectory: string,
  context: MediaContext,
  report: YtDlpReport,
  withCover: boolean,
): Promise<ChildOutcome> {
  const ytDlpExtraArgs = await withOwnCookies(
    argumentsOfIdentity(context.address, config.ytDlpExtraArgs),
    workDirectory,
  );
  context.onProgress({ stage: 'extract' });
  const args = downloadArguments(key, workDirectory, {
    ytDlpExtraArgs,
    maxSizeBytes: config.maxSizeBytes,
    withCover,
  });
  const surroundings = { directory: workDirectory, proxy: context.address?.proxy };
  return runLines(spawnYtDlp(config.ytDlpPath, args, surroundings), {
    signal: context.signal,
    stallMs: config.stallMs,
    deadlineMs: config.deadlineMs,
    // The report tells real progress from lines that repeat themselves, so each line is read here, once.
    isActivity: (line, stream) => report.take(line, stream),
  });
}

function failureOf(outcome: ChildOutcome, report: YtDlpReport, signal: AbortSignal): JobError | undefined {
  switch (outcome.endedBy) {
    case 'abort':
      return interruptionOf(signal);
    case 'stall':
      return new TransientError('stall', 'yt-dlp made no progress for too long and was ended.');
    case 'deadline':
      return new TransientError(
        'timeout',
        'yt-dlp took longer than DOWNLOAD_DEADLINE_SECONDS and was ended.',
      );
    case undefined:
      break;
  }
  if (outcome.exitCode === 0) return report.file === undefined ? skippedBecause(report) : undefined;
  if (outcome.exitCode === null) {
    return new TransientError('unknown', `yt-dlp was killed by ${String(outcome.signal)}.`);
  }
  return report.isLive ? liveError(report) : classifyYtDlpFailure(report.errorLines, outcome.exitCode);
}

/** yt-dlp leaves a video out, with exit code 0, for the filters and limits of our own arguments. */
function skippedBecause(report: YtDlpReport): JobError {
  if (report.isLive) return liveError(report);
  if (report.hasBegun) return new PermanentError('too_large', 'The audio is larger than MAX_SIZE_BYTES.');
  if (report.metadata === undefined) return classifyYtDlpFailure(report.errorLines, 0);
  return new TransientError('unknown', 'yt-dlp ended well but left no file.');
}

function liveError(report: YtDlpReport): LaterError {
  if (report.liveStatus === 'is_upcoming') {
    return new LaterError('premiere', 'It has not begun yet.', {
      ...(report.releaseAt === undefined ? {} : { availableAt: report.releaseAt }),
    });
  }
  return new LaterError('live', 'It is being broadcast now.', {
    availableAt: new Date(Date.now() + LIVE_PAUSE_MS),
  });
}

async function mediaFile(report: YtDlpReport, workDirectory: string, maxSizeBytes: number): Promise<string> {
  const file = path.resolve(workDirectory, report.file ?? '');
  if (path.dirname(file) !== path.resolve(workDirectory)) {
    throw new TransientError('unknown', 'yt-dlp named a file outside the work directory.');
  }
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true) throw new TransientError('unknown', 'yt-dlp named a file that is not there.');
  if (found.size === 0) throw new TransientError('broken_media', 'The audio that arrived has no bytes.');
  if (found.size > maxSizeBytes) {
    throw new PermanentError('too_large', `The audio has ${String(found.size)} bytes.`);
  }
  return file;
}

async function findCover(workDirectory: string): Promise<string | undefined> {
  const names = await readdir(workDirectory);
  const name = names.find((entry) => entry.startsWith('cover.') && COVER_EXTENSIONS.has(path.extname(entry)));
  return name === undefined ? undefined : path.join(workDirectory, name);
}

function factsFor(key: VideoKey, report: YtDlpReport) {
  if (report.metadata?.id !== key.videoId) {
    throw new TransientError('extraction', 'The site answered with another video than the one asked for.');
  }
  return report.metadata.metadata;
}
