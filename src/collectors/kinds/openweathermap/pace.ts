import { setTimeout as delay } from 'node:timers/promises';

const MINUTE_MS = 60_000;

/** Where a pace gets the time from. */
export interface PaceClock {
  /** Milliseconds that no change of the clock disturbs. */
  nowMs(): number;
  wait(waitMs: number, signal: AbortSignal): Promise<void>;
}

const MACHINE_CLOCK: PaceClock = {
  nowMs: () => performance.now(),
  wait: (waitMs, signal) => delay(waitMs, undefined, { signal }),
};

/**
 * Keeps calls within so many in any minute: the first ones go at once, later ones wait for the oldest to be a minute
 * old.
 * @returns waits for the next turn; rejects when the signal is aborted.
 */
export function createPace(
  callsPerMinute: number,
  clock: PaceClock = MACHINE_CLOCK,
): (signal: AbortSignal) => Promise<void> {
  const recent: number[] = [];
  return async (signal) => {
    signal.throwIfAborted();
    const oldest = recent.length < callsPerMinute ? undefined : recent.shift();
    if (oldest !== undefined) {
      const waitMs = oldest + MINUTE_MS - clock.nowMs();
      if (waitMs > 0) await clock.wait(waitMs, signal);
    }
    recent.push(clock.nowMs());
  };
}
