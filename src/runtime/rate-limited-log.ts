const MIN_INTERVAL_MS = 1_000;

/**
 * Calls `log` at most once a second and counts the calls left out: with a full or lost Redis, BullMQ reports
 * thousands of errors a second (measured, see docs/operations.md).
 */
export function createRateLimitedLog<T>(
  log: (value: T, suppressed: number) => void,
  now: () => number = Date.now,
): (value: T) => void {
  let lastLoggedAt = Number.NEGATIVE_INFINITY;
  let suppressed = 0;
  return (value) => {
    if (now() - lastLoggedAt < MIN_INTERVAL_MS) {
      suppressed += 1;
      return;
    }
    lastLoggedAt = now();
    log(value, suppressed);
    suppressed = 0;
  };
}
