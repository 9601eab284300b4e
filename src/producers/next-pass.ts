import { retryDelayMs, type Random } from '../queues/backoff.ts';
import type { JobError } from '../domain/job-errors.ts';

/** A first pass that has not ended after this long is taken for dead; the fleet then makes one of its own. */
export const FIRST_PASS_LIMIT_MS = 30 * 60_000;
const MIN_DELAY_MS = 10 * 60_000;

/**
 * When a playlist is tried again after a failed pass: soon and then ever later, up to its normal rhythm. What fails
 * for good (a list that does not exist) keeps that rhythm, as lists do come back.
 * @param failedPasses how many passes had failed before this one.
 */
export function nextPassAfterFailure(
  error: JobError,
  failedPasses: number,
  intervalMs: number,
  now: Date,
  random?: Random,
): Date {
  const minDelayMs = Math.min(MIN_DELAY_MS, intervalMs);
  const delayMs =
    error.outcome === 'permanent'
      ? intervalMs
      : retryDelayMs(failedPasses, { minDelayMs, maxDelayMs: intervalMs }, random);
  return new Date(now.getTime() + delayMs);
}
