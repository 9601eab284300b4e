import { pause } from '../../../runtime/deadline.ts';

const MINUTE_MS = 60_000;

/**
 * Limits the calls in any period of one minute: the first ones start at once, each later one waits until the oldest of
 * the last `callsPerMinute` is one minute old. Uses the monotonic clock, because the system clock may be set back.
 * @returns waits until the next call may start; rejects when the signal is aborted.
 */
export function createRateLimiter(callsPerMinute: number): (signal: AbortSignal) => Promise<void> {
  const recent: number[] = [];
  return async (signal) => {
    const oldest = recent.length < callsPerMinute ? undefined : recent.shift();
    const waitMs = oldest === undefined ? 0 : oldest + MINUTE_MS - performance.now();
    signal.throwIfAborted();
    if (waitMs > 0) await pause(waitMs, signal);
    recent.push(performance.now());
  };
}
