import { fillWindow, type FillDependencies } from '../backlog/fill-window.ts';
import { toError } from '../domain/job-errors.ts';
import { WINDOW_SIZE } from '../queues/download-window.ts';
import type { Logger } from '../runtime/logger.ts';
import { createRateLimitedLog } from '../runtime/rate-limited-log.ts';

/** After so many jobs that this process took, a part of the window that leaves enough for many processes. */
const FILL_AFTER_JOBS = WINDOW_SIZE / 40;

/**
 * Fills the window of download jobs as this process takes them: now and then, and at once when none is left.
 * @returns what a worker calls for each job it takes, and when there is none to take
 */
export function createFillAsTaken(
  dependencies: FillDependencies,
  logger: Logger,
  stop: AbortSignal,
): (wasLast: boolean) => void {
  const logFailure = createRateLimitedLog((error: Error, suppressed) => {
    logger.warn(
      { err: error, suppressed },
      'The window of download jobs cannot be filled; it is tried again soon',
    );
  });
  let taken = 0;
  return (wasLast) => {
    taken += 1;
    if (!wasLast && taken < FILL_AFTER_JOBS) return;
    taken = 0;
    if (stop.aborted) return;
    fillWindow(dependencies).catch((error: unknown) => {
      // Connections are closed while the process ends.
      if (!stop.aborted) logFailure(toError(error));
    });
  };
}
