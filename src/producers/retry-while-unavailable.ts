import { isDatabaseUnavailable } from '../database/database.ts';
import { OperatorError, TransientError } from '../domain/job-errors.ts';
import { retry } from '../runtime/retry.ts';

/**
 * Repeats a step with Redis or MongoDB for a minute while the server is unavailable, so that its restart does not end a
 * long listing.
 * @param step must be safe to repeat: it may have succeeded although its answer was lost.
 * @throws the last failure; other errors at once; InterruptedError when the signal is aborted.
 */
export async function retryWhileUnavailable<T>(step: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return await retry(step, {
    signal,
    isTemporary: (error) =>
      error instanceof TransientError ||
      (error instanceof OperatorError && error.errorClass === 'redis_unavailable') ||
      isDatabaseUnavailable(error),
    maxElapsedMs: 60_000,
    firstDelayMs: 200,
    maxDelayMs: 5_000,
  });
}
