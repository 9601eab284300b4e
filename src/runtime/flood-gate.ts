const LEAST_INTERVAL_MS = 1_000;

/**
 * Lets at most one call a second through and counts the others: a full or lost Redis makes BullMQ report
 * thousands of errors a second (measured, see docs/operations.md).
 */
export function createFloodGate<T>(
  pass: (value: T, suppressed: number) => void,
  now: () => number = Date.now,
): (value: T) => void {
  let lastPassedAt = Number.NEGATIVE_INFINITY;
  let suppressed = 0;
  return (value) => {
    if (now() - lastPassedAt < LEAST_INTERVAL_MS) {
      suppressed += 1;
      return;
    }
    lastPassedAt = now();
    pass(value, suppressed);
    suppressed = 0;
  };
}
