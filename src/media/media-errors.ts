import { PermanentError, TransientError } from '../domain/job-errors.ts';

/** The audio exceeds MAX_SIZE_BYTES. */
export function audioTooLarge(cause?: Error): PermanentError {
  return new PermanentError('too_large', 'The audio is larger than MAX_SIZE_BYTES.', { cause });
}

export function audioEmpty(): TransientError {
  return new TransientError('broken_media', 'The downloaded audio is empty.');
}
