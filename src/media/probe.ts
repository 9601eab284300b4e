import path from 'node:path';
import { z } from 'zod';
import type { AudioProfile, AudioProperties, DownloaderName } from '../domain/audio.ts';
import { runLines, spawnProgram, stoppedError } from '../runtime/child-process.ts';
import { withLimits } from '../runtime/resource-limits.ts';
import { definedFields } from '../domain/defined-fields.ts';
import { PermanentError, TransientError } from '../domain/job-errors.ts';
import { parseJson } from '../runtime/json.ts';
import { INPUT_FORMATS } from './ffmpeg.ts';

/** The properties of a finished file. */
export type ProbedAudio = Required<Omit<AudioProperties, 'source'>>;

export interface AudioExpectation {
  readonly profile: AudioProfile;
  /** The lengths that the site announces, of the video and of the format; one of them must be right. */
  readonly announcedSeconds: readonly number[];
  /** The length in the header of the source file: shows whether all of it has arrived. */
  readonly sourceSeconds?: number | undefined;
  readonly source: DownloaderName;
  /** The source file ended too early. */
  readonly isTruncated: boolean;
}

const PROBE_DEADLINE_MS = 60_000;
const MAX_OUTPUT_LENGTH = 1024 * 1024;
/** It writes no files. */
const PROBE_LIMITS = { fileBytes: 0, memoryBytes: 1024 ** 3, cpuSeconds: PROBE_DEADLINE_MS / 1000 };

/** The properties of a file as downloaded, whose header may contain less than that of a finished one. */
export interface SourceProperties extends Pick<ProbedAudio, 'codec' | 'sampleRate' | 'channels'> {
  /** ffprobe's names of its container, such as `mov`, `mp4`, `m4a`. */
  readonly containers: readonly string[];
  readonly bitrate?: number;
}

const number = z.coerce.number().positive();
const optionalNumber = number.optional().catch(undefined);
const outputSchema = z.object({
  streams: z
    .array(
      z.object({
        codec_name: z.string(),
        sample_rate: number,
        channels: z.number().positive(),
        bit_rate: optionalNumber,
      }),
    )
    .min(1),
  format: z.object({ format_name: z.string(), duration: optionalNumber, bit_rate: optionalNumber }),
});

/**
 * Reads the properties of the first audio stream of a finished file.
 * @throws TransientError `broken_media` when it is not an audio file; JobError when ffprobe cannot be run.
 */
export async function probeAudio(
  ffprobePath: string,
  file: string,
  signal: AbortSignal,
): Promise<ProbedAudio> {
  const { stream, format } = await probe(ffprobePath, file, signal);
  const bitrate = stream.bit_rate ?? format.bit_rate;
  if (bitrate === undefined || format.duration === undefined) {
    throw new TransientError('broken_media', 'The file has no duration or bit rate.');
  }
  return {
    codec: stream.codec_name,
    bitrate: Math.round(bitrate),
    sampleRate: stream.sample_rate,
    channels: stream.channels,
    durationSeconds: format.duration,
  };
}

/**
 * Reads the properties of a downloaded file by its content alone.
 * @throws TransientError `broken_media` when it is not an audio file; JobError when ffprobe cannot be run.
 */
export async function probeSource(
  ffprobePath: string,
  file: string,
  signal: AbortSignal,
): Promise<SourceProperties> {
  const { stream, format } = await probe(ffprobePath, file, signal);
  return definedFields({
    containers: format.format_name.split(','),
    codec: stream.codec_name,
    bitrate: stream.bit_rate,
    sampleRate: stream.sample_rate,
    channels: stream.channels,
  });
}

async function probe(ffprobePath: string, file: string, signal: AbortSignal) {
  const args = [
    ...['-v', 'error', '-protocol_whitelist', 'file,pipe', '-format_whitelist', INPUT_FORMATS],
    ...['-select_streams', 'a:0', '-of', 'json', '-show_entries'],
    'stream=codec_name,sample_rate,channels,bit_rate:format=format_name,duration,bit_rate',
    `file:${path.basename(file)}`,
  ];
  let output = '';
  const call = await withLimits(ffprobePath, args, PROBE_LIMITS);
  const outcome = await runLines(spawnProgram(...call, path.dirname(file)), {
    signal,
    stallMs: PROBE_DEADLINE_MS,
    deadlineMs: PROBE_DEADLINE_MS,
    onStdoutLine: (line) => {
      if (output.length < MAX_OUTPUT_LENGTH) output += line;
      return undefined;
    },
  });
  const stopped = stoppedError(outcome, signal, 'ffprobe');
  if (stopped !== undefined) throw stopped;
  const parsed = outputSchema.safeParse(parseJson(output));
  const stream = parsed.data?.streams[0];
  if (outcome.exitCode !== 0 || parsed.data === undefined || stream === undefined) {
    throw new TransientError(
      'broken_media',
      `Not an audio file: ${outcome.stderrTail.split('\n').at(-1)?.slice(0, 300) ?? ''}`,
    );
  }
  return { stream, format: parsed.data.format };
}

/**
 * Compares a file with the expectation. Durations may differ by 2 s or 1 %, whichever is more.
 * @throws TransientError `truncated_media` when it is too short, `broken_media` when anything else is wrong;
 *   PermanentError `wrong_duration` when the site serves a complete file of a length that it does not announce.
 */
export function checkAudio(found: ProbedAudio, expected: AudioExpectation): void {
  if (expected.profile === 'mp3-320' && (found.codec !== 'mp3' || found.bitrate !== 320_000)) {
    throw new TransientError(
      'broken_media',
      `The result is ${found.codec} at ${String(found.bitrate)} b/s instead of mp3 at 320000 b/s.`,
    );
  }
  if (expected.isTruncated) throw new TransientError('truncated_media', 'The audio that arrived is cut off.');
  checkDuration(found.durationSeconds, expected);
}

function checkDuration(
  foundSeconds: number,
  { announcedSeconds, sourceSeconds, source }: AudioExpectation,
): void {
  const isRight = (seconds: number) => Math.abs(foundSeconds - seconds) <= Math.max(2, seconds * 0.01);
  const [announced = sourceSeconds] = announcedSeconds;
  if (announced === undefined || announcedSeconds.some(isRight)) return;
  const isComplete = sourceSeconds !== undefined && isRight(sourceSeconds);
  // What feeds say of durations is often wrong.
  if (isComplete && (announcedSeconds.length === 0 || source === 'http')) return;
  const wanted = [...new Set(announcedSeconds.length === 0 ? [announced] : announcedSeconds)]
    .map((seconds) => seconds.toFixed(1))
    .join(' or ');
  const message = `The audio lasts ${foundSeconds.toFixed(1)} s instead of ${wanted} s.`;
  // Another host of SaveTube may serve another file; the site itself serves the same again.
  if (isComplete && source === 'yt-dlp') throw new PermanentError('wrong_duration', message);
  throw new TransientError(foundSeconds < announced ? 'truncated_media' : 'broken_media', message);
}
