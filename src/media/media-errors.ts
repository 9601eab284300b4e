import { PermanentError, TransientError } from '../domain/job-errors.ts';

/** The audio exceeds MAX_SIZE_BYTES. */
export function audioTooLarge(cause?: Error): PermanentError {
  return new PermanentError('too_large', 'The audio is larger than MAX_SIZE_BYTES.', { cause });
}

/** The converted audio exceeds MAX_OUTPUT_BYTES. */
export function outputTooLarge(): PermanentError {
  return new PermanentError('too_large', 'The converted audio is larger than MAX_OUTPUT_BYTES.');
}

/** It exceeds MAX_DURATION_SECONDS. */
export function audioTooLong(): PermanentError {
  return new PermanentError('too_large', 'The audio lasts longer than MAX_DURATION_SECONDS.');
}

export function audioEmpty(): TransientError {
  return new TransientError('broken_media', 'The downloaded audio is empty.');
}
