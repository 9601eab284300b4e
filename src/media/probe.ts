import type { AudioProfile } from '../domain/audio.ts';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { z } from 'zod';
import { childEnvironment } from '../runtime/child-process-environment.ts';
import { runLines } from '../runtime/child-process.ts';
import { interruptionOf } from '../runtime/deadline.ts';
import { TransientError } from '../domain/job-errors.ts';
import { INPUT_FORMATS } from './ffmpeg.ts';

/** What ffprobe finds in an audio file. */
export interface AudioProperties {
  readonly codec: string;
  /** Bits per second, of the audio alone where the container tells it. */
  readonly bitrate: number;
  /** Hertz. */
  readonly sampleRate: number;
  readonly channels: number;
  readonly durationSeconds: number;
}

/** What a finished file must be like. */
export interface AudioExpectation {
  readonly profile: AudioProfile;
  /** Lengths that others announced: the site, the header of the source file. Unknown ones are left out. */
  readonly announcedSeconds: readonly number[];
  /** The source file stopped before its end. */
  readonly isTruncated: boolean;
}

const PROBE_DEADLINE_MS = 60_000;
const LONGEST_ANSWER = 1024 * 1024;

/** What ffprobe finds in a file as it came, whose header may say less than that of a finished one. */
export interface SourceProperties {
  /** ffprobe's names of its container, such as `mov`, `mp4`, `m4a`. */
  readonly containers: readonly string[];
  readonly codec: string;
  /** Bits per second. */
  readonly bitrate?: number;
  /** Hertz. */
  readonly sampleRate: number;
  readonly channels: number;
}

const number = z.coerce.number().positive();
const unsureNumber = number.optional().catch(undefined);
const answerSchema = z.object({
  streams: z
    .array(
      z.object({
        codec_name: z.string(),
        sample_rate: number,
        channels: z.number().positive(),
        bit_rate: unsureNumber,
      }),
    )
    .min(1),
  format: z.object({ format_name: z.string(), duration: unsureNumber, bit_rate: unsureNumber }),
});

/**
 * Reads the properties of the first audio stream of a finished file.
 * @throws TransientError `broken_media` when it is no audio file; JobError when ffprobe cannot be run.
 */
export async function probeAudio(
  ffprobePath: string,
  file: string,
  signal: AbortSignal,
): Promise<AudioProperties> {
  const { stream, format } = await probe(ffprobePath, file, signal);
  const bitrate = stream.bit_rate ?? format.bit_rate;
  if (bitrate === undefined || format.duration === undefined) {
    throw new TransientError('broken_media', 'The file does not say how long it is.');
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
 * Looks what a file is that came from anywhere, by its content alone.
 * @throws TransientError `broken_media` when it is no audio file; JobError when ffprobe cannot be run.
 */
export async function probeSource(
  ffprobePath: string,
  file: string,
  signal: AbortSignal,
): Promise<SourceProperties> {
  const { stream, format } = await probe(ffprobePath, file, signal);
  return {
    containers: format.format_name.split(','),
    codec: stream.codec_name,
    ...(stream.bit_rate === undefined ? {} : { bitrate: stream.bit_rate }),
    sampleRate: stream.sample_rate,
    channels: stream.channels,
  };
}

async function probe(ffprobePath: string, file: string, signal: AbortSignal) {
  const args = [
    ...['-v', 'error', '-protocol_whitelist', 'file,pipe', '-format_whitelist', INPUT_FORMATS],
    ...['-select_streams', 'a:0', '-of', 'json', '-show_entries'],
    'stream=codec_name,sample_rate,channels,bit_rate:format=format_name,duration,bit_rate',
    `file:${path.basename(file)}`,
  ];
  const child = spawn(ffprobePath, args, {
    cwd: path.dirname(file),
    detached: true,
    env: childEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let answer = '';
  const outcome = await runLines(child, {
    signal,
    stallMs: PROBE_DEADLINE_MS,
    deadlineMs: PROBE_DEADLINE_MS,
    onStdoutLine: (line) => {
      if (answer.length < LONGEST_ANSWER) answer += line;
      return undefined;
    },
  });
  if (outcome.endedBy === 'abort') throw interruptionOf(signal);
  if (outcome.endedBy !== undefined) throw new TransientError('timeout', 'ffprobe did not end in time.');
  const parsed = answerSchema.safeParse(parseJson(answer));
  const stream = parsed.data?.streams[0];
  if (outcome.exitCode !== 0 || parsed.data === undefined || stream === undefined) {
    throw new TransientError(
      'broken_media',
      `The file is no audio file: ${outcome.stderrTail.split('\n').at(-1)?.slice(0, 300) ?? ''}`,
    );
  }
  return { stream, format: parsed.data.format };
}

/**
 * Compares a file with what it should be. Lengths may differ by 2 s or 1 %, whichever is more.
 * @throws TransientError `truncated_media` when it is too short, `broken_media` when anything else is wrong.
 */
export function checkAudio(found: AudioProperties, expected: AudioExpectation): void {
  if (expected.profile === 'mp3-320' && (found.codec !== 'mp3' || found.bitrate !== 320_000)) {
    throw new TransientError(
      'broken_media',
      `The result is ${found.codec} at ${String(found.bitrate)} b/s instead of mp3 at 320000 b/s.`,
    );
  }
  if (expected.isTruncated) throw new TransientError('truncated_media', 'The audio that arrived is cut off.');
  for (const announced of expected.announcedSeconds) {
    const difference = found.durationSeconds - announced;
    if (Math.abs(difference) <= Math.max(2, announced * 0.01)) continue;
    throw new TransientError(
      difference < 0 ? 'truncated_media' : 'broken_media',
      `The audio lasts ${found.durationSeconds.toFixed(1)} s instead of ${announced.toFixed(1)} s.`,
    );
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
