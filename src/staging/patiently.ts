import { JobError } from '../domain/job-errors.ts';
import { retry } from '../runtime/retry.ts';

/** A store that is restarted or emptied is back within this time; then the download is lost and made again. */
const PATIENCE_MS = 10 * 60_000;
/** What passes by itself, or when a person makes room. */
const PASSING = new Set(['network', 'server_error', 'timeout', 'stall', 'storage_full', 'storage_mismatch']);

/**
 * Puts a finished download into a store that may be away for a while: what has been downloaded is kept in its work directory
 * meanwhile, and the site is not asked again.
 */
export async function patiently<T>(put: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return await retry(put, {
    signal,
    isTemporary: (error) => error instanceof JobError && PASSING.has(error.errorClass),
    maxElapsedMs: PATIENCE_MS,
    ...{ firstDelayMs: 1_000, maxDelayMs: 30_000, jitter: true },
  });
}
