import { OperatorError, PermanentError, TransientError, type JobError } from '../domain/job-errors.ts';
import { outputTooLarge } from './media-errors.ts';

/** Messages of ffmpeg 5 to 8. The first rule that matches any line wins. */
const RULES: readonly { readonly pattern: RegExp; readonly make: (message: string) => JobError }[] = [
  {
    pattern: /No space left on device|Disk quota exceeded/i,
    make: (message) => new OperatorError('disk_full', message),
  },
  {
    pattern: /Unknown encoder|Unrecognized option|(?:encoder|option) (?:\S+ )?(?:\S+ )?not found/i,
    make: (message) => new OperatorError('tool_missing', `This ffmpeg lacks a required feature: ${message}`),
  },
  {
    pattern: /Permission denied|Read-only file system/i,
    make: (message) => new OperatorError('local_configuration', message),
  },
  {
    // Of the limit that is set for it: when the machine has none left, the system kills it.
    pattern: /Cannot allocate memory/i,
    make: (message) => new PermanentError('too_complex', message),
  },
  {
    pattern: /matches no streams|does not contain any stream/i,
    make: () => new PermanentError('no_audio', 'The media has no audio stream.'),
  },
  {
    pattern: /File ended prematurely|partial file/i,
    make: (message) => new TransientError('truncated_media', message),
  },
];

/**
 * The JobError of a failed run of ffmpeg.
 * @param lines the error lines of standard error
 */
export function classifyFfmpegFailure(
  lines: readonly string[],
  outcome: { readonly exitCode: number | null; readonly signal: NodeJS.Signals | null },
): JobError {
  if (outcome.signal === 'SIGXFSZ') return outputTooLarge();
  if (outcome.signal !== null) {
    // Not by this program: by the system, when memory is short, or by a person.
    return new TransientError('unknown', `ffmpeg was killed by ${outcome.signal}.`);
  }
  for (const { pattern, make } of RULES) {
    const line = lines.find((text) => pattern.test(text));
    if (line !== undefined) return make(messageOf(line));
  }
  const last = lines.at(-1);
  return new TransientError(
    'broken_media',
    last === undefined ? `ffmpeg ended with code ${String(outcome.exitCode)}.` : messageOf(last),
  );
}

/** Removes object addresses and the level: `[mov @ 0x55…] [error] text`. */
function messageOf(line: string): string {
  return line.replaceAll(/\[[^[\]]* @ 0x[0-9a-f]+\] ?|\[(?:error|fatal|panic)\] ?/g, '').slice(0, 400);
}
