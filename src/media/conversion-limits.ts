import { PermanentError, TransientError } from '../domain/job-errors.ts';
import { audioTooLong, outputTooLarge } from './media-errors.ts';

/** What a conversion is compared with while it runs. */
export interface ConversionLimits {
  readonly inputBytes: number;
  /** MAX_OUTPUT_BYTES */
  readonly maxOutputBytes: number;
  /** MAX_DURATION_SECONDS */
  readonly maxSeconds: number;
  /** The lengths that the site announces; empty when nothing it says of them is reliable. */
  readonly announcedSeconds: readonly number[];
}

export interface ConversionState {
  /** Converted so far. */
  readonly seconds: number;
  readonly outputBytes: number;
  /** The length that the header of the input announces. */
  readonly sourceSeconds: number | undefined;
}

/**
 * Less than speech codecs need (Opus 6,000 bit/s, Codec 2 700) and less than digital silence takes in the containers of
 * sites; a file of a few kilobytes with hours of silence has less.
 */
const LEAST_BYTES_PER_SECOND = 100;
/** Small files may consist of headers. */
const UNCHECKED_SECONDS = 60;
/** Room for lengths that are right by the rule of `checkAudio`, which looks at the finished file. */
const TOLERANCE = 1.1;
const TOLERANCE_SECONDS = 60;

/**
 * Stops a conversion that would fill the disk, long before it has: a file of some kilobytes can contain hours of silence.
 * @throws PermanentError `too_large` beyond a setting, `too_complex` for a file that is too small for its length;
 *   TransientError `broken_media` when there is far more audio than announced.
 */
export function checkLimits(
  { inputBytes, maxOutputBytes, maxSeconds, announcedSeconds }: ConversionLimits,
  { seconds, outputBytes, sourceSeconds }: ConversionState,
): void {
  if (seconds > maxSeconds || (sourceSeconds ?? 0) > maxSeconds) {
    throw audioTooLong();
  }
  if (outputBytes > maxOutputBytes) throw outputTooLarge();
  if (seconds > UNCHECKED_SECONDS && seconds * LEAST_BYTES_PER_SECOND > inputBytes) {
    const message = `A file of ${String(inputBytes)} bytes contains more than ${seconds.toFixed(0)} s of audio.`;
    throw new PermanentError('too_complex', message);
  }
  const expected = Math.max(...announcedSeconds, sourceSeconds ?? 0);
  if (expected > 0 && seconds > expected * TOLERANCE + TOLERANCE_SECONDS) {
    const message = `The audio goes on after ${seconds.toFixed(0)} s, though ${expected.toFixed(0)} s are announced.`;
    throw new TransientError('broken_media', message);
  }
}
