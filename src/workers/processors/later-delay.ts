import type { LaterError } from '../../domain/job-errors.ts';

/** When a video that is not available yet is tried again, if the site does not say. */
const DEFAULT_MS = 30 * 60_000;
const MIN_MS = 60_000;
/** A broadcast announced for next month may be cancelled or moved: it is checked once a day. */
const MAX_MS = 24 * 3_600_000;
/** From 3 hours to a day: some recordings never appear, and each look costs a start of the egress budget. */
const MAX_RECORDING_DOUBLINGS = 3;

/** @param retryAttempts how often the video was tried again so far */
export function laterDelayMs(error: LaterError, retryAttempts: number, nowMs: number): number {
  const announcedMs = error.availableAt === undefined ? DEFAULT_MS : error.availableAt.getTime() - nowMs;
  const doublings =
    error.errorClass === 'recording_pending' ? Math.min(retryAttempts, MAX_RECORDING_DOUBLINGS) : 0;
  return Math.min(Math.max(announcedMs, MIN_MS) * 2 ** doublings, MAX_MS);
}
