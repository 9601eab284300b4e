import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { MediaConfig } from '../config/config.ts';
import { definedFields } from '../domain/defined-fields.ts';
import { stoppedError, type ChildOutcome } from '../runtime/child-process.ts';
import { pause } from '../runtime/deadline.ts';
import {
  LaterError,
  PermanentError,
  TransientError,
  toJobError,
  type JobError,
} from '../domain/job-errors.ts';
import type { VideoKey } from '../domain/video-key.ts';
import type { AudioDownloader, FetchedAudio, MediaContext } from './audio-downloader.ts';
import { audioEmpty, audioTooLarge, audioTooLong } from './media-errors.ts';
import { downloadArguments, egressArguments, metadataArguments } from './yt-dlp-arguments.ts';
import { NO_FORMATS, recordingPending } from './yt-dlp-error-rules.ts';
import { classifyYtDlpFailure, isUnavailableWithoutReason } from './yt-dlp-errors.ts';
import { pluginArguments } from './yt-dlp-plugins.ts';
import { runYtDlp, withCopiedCookies } from './yt-dlp-process.ts';
import { YtDlpReport } from './yt-dlp-report.ts';

type YtDlpConfig = Pick<
  MediaConfig,
  | 'ytDlpPath'
  | 'isYtDlpResident'
  | 'ytDlpExtraArgs'
  | 'ytDlpPluginDirectory'
  | 'audioLanguage'
  | 'maxSizeBytes'
  | 'maxDurationSeconds'
  | 'stallMs'
  | 'deadlineMs'
>;

/** The delay before the second try for a video that is unavailable without a reason. */
const SECOND_TRY_DELAY_MS = 1000;
/** The delay before a live event is tried again: its end is unknown. */
const LIVE_DELAY_MS = 3 * 3_600_000;
const COVER_EXTENSIONS = new Set(['.jpg', '.jpeg', '.png', '.webp']);

/** Downloads audio with yt-dlp. Its exit code proves nothing; only a file that is not empty counts. */
export function createYtDlpDownloader(config: YtDlpConfig): AudioDownloader {
  return {
    name: 'yt-dlp',
    async fetch(key, workDirectory, context) {
      if (key.provider !== 'youtube') {
        throw new PermanentError('unsupported', 'yt-dlp is used for YouTube only.');
      }
      try {
        return await fetchOnce(config, key, workDirectory, context);
      } catch (thrown) {
        if (!isUnavailableWithoutReason(toJobError(thrown))) throw thrown;
        await pause(SECOND_TRY_DELAY_MS, context.signal);
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
  const download = (withCover: boolean) => (ytDlpExtraArgs: readonly string[]) =>
    downloadArguments(key, workDirectory, {
      ...definedFields({
        ytDlpExtraArgs,
        withCover,
        language: context.audioLanguage ?? config.audioLanguage,
      }),
      maxSizeBytes: config.maxSizeBytes,
      maxDurationSeconds: config.maxDurationSeconds,
    });
  let outcome = await run(config, workDirectory, context, report, download(true));
  if (outcome.endedBy === 'stall' && report.metadata !== undefined && report.format === undefined) {
    // The stalled download was the cover, which comes before the audio and must not make the job fail.
    context.logger.info({ video: key.videoId }, 'The cover did not arrive; continuing without it.');
    report = new YtDlpReport(config.maxSizeBytes, context.onProgress);
    outcome = await run(config, workDirectory, context, report, download(false));
  }
  for (const warning of report.warnings)
    context.logger.debug({ video: key.videoId, warning }, 'yt-dlp warns');
  const failure = failureOf(outcome, report, context.signal, config);
  if (failure !== undefined) {
    if (NO_FORMATS.test(failure.message))
      throw await unfinishedOr(failure, config, key, workDirectory, context);
    throw failure;
  }
  const file = await mediaFile(report, workDirectory, config.maxSizeBytes);
  const coverFile = await findCover(workDirectory);
  const { track, formatSeconds } = report.format ?? {};
  const metadata = metadataOf(key, report);
  return definedFields({ file, coverFile, metadata, source: 'yt-dlp' as const, track, formatSeconds });
}

/**
 * Of a broadcast without formats yt-dlp says only that there are none, so its metadata are asked for: it may be announced,
 * running, or not processed yet.
 */
async function unfinishedOr(
  error: JobError,
  config: YtDlpConfig,
  key: VideoKey,
  workDirectory: string,
  context: MediaContext,
): Promise<JobError> {
  const report = new YtDlpReport(config.maxSizeBytes, context.onProgress);
  await run(config, workDirectory, context, report, (ytDlpExtraArgs) =>
    metadataArguments(key, { ytDlpExtraArgs }),
  );
  return report.isUnfinished ? unfinishedError(report) : error;
}

async function run(
  config: YtDlpConfig,
  workDirectory: string,
  context: MediaContext,
  report: YtDlpReport,
  argumentsWith: (ytDlpExtraArgs: readonly string[]) => readonly string[],
): Promise<ChildOutcome> {
  const ytDlpExtraArgs = await withCopiedCookies(
    [
      ...(await pluginArguments(config.ytDlpPluginDirectory)),
      ...egressArguments(context.address, config.ytDlpExtraArgs),
    ],
    workDirectory,
  );
  context.onProgress({ stage: 'extract' });
  const runOptions = {
    configuration: argumentsWith(ytDlpExtraArgs),
    directory: workDirectory,
    proxy: context.address?.proxy,
    isResident: config.isYtDlpResident,
  };
  return runYtDlp(config.ytDlpPath, runOptions, {
    signal: context.signal,
    stallMs: config.stallMs,
    deadlineMs: config.deadlineMs,
    // The report separates real progress from repeated lines, so it gets every line here, once.
    isActivity: (line, stream) => report.addLine(line, stream),
  });
}

function failureOf(
  outcome: ChildOutcome,
  report: YtDlpReport,
  signal: AbortSignal,
  config: YtDlpConfig,
): JobError | undefined {
  const stopped = stoppedError(outcome, signal, 'yt-dlp', 'DOWNLOAD_DEADLINE_SECONDS');
  if (stopped !== undefined) return stopped;
  if (outcome.exitCode === 0) return report.file === undefined ? noFileError(report, config) : undefined;
  if (outcome.exitCode === null) {
    return new TransientError('unknown', `yt-dlp was killed by ${String(outcome.signal)}.`);
  }
  return report.isUnfinished
    ? unfinishedError(report)
    : classifyYtDlpFailure(report.errorLines, outcome.exitCode);
}

/** yt-dlp skips a video, with exit code 0, because of the filters and limits in our arguments. */
function noFileError(report: YtDlpReport, { maxDurationSeconds }: YtDlpConfig): JobError {
  if (report.isUnfinished) return unfinishedError(report);
  if ((report.metadata?.metadata.durationSeconds ?? 0) > maxDurationSeconds) return audioTooLong();
  if (report.format !== undefined) return audioTooLarge();
  if (report.metadata === undefined) return classifyYtDlpFailure(report.errorLines, 0);
  return new TransientError('unknown', 'yt-dlp succeeded but left no file.');
}

function unfinishedError({ metadata }: YtDlpReport): LaterError {
  if (metadata?.liveStatus === 'is_upcoming') {
    const options = definedFields({ availableAt: metadata.releaseAt });
    return new LaterError('premiere', 'It has not begun yet.', options);
  }
  if (metadata?.liveStatus === 'post_live') {
    return recordingPending('The broadcast is over; its recording is still being processed.', new Date());
  }
  return new LaterError('live', 'It is being broadcast now.', {
    availableAt: new Date(Date.now() + LIVE_DELAY_MS),
  });
}

async function mediaFile(report: YtDlpReport, workDirectory: string, maxSizeBytes: number): Promise<string> {
  const file = path.resolve(workDirectory, report.file ?? '');
  if (path.dirname(file) !== path.resolve(workDirectory)) {
    throw new TransientError('unknown', 'yt-dlp named a file outside the work directory.');
  }
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true)
    throw new TransientError('unknown', 'yt-dlp named a file that does not exist.');
  if (found.size === 0) throw audioEmpty();
  if (found.size > maxSizeBytes) throw audioTooLarge();
  return file;
}

async function findCover(workDirectory: string): Promise<string | undefined> {
  const names = await readdir(workDirectory);
  const name = names.find((entry) => entry.startsWith('cover.') && COVER_EXTENSIONS.has(path.extname(entry)));
  return name === undefined ? undefined : path.join(workDirectory, name);
}

function metadataOf(key: VideoKey, report: YtDlpReport) {
  if (report.metadata?.id !== key.videoId) {
    throw new TransientError('extraction', 'The site answered with another video than the requested one.');
  }
  return { ...report.metadata.metadata, ...report.details };
}
