import { toError } from '../domain/job-errors.ts';
import { interruptionOf, pause } from './deadline.ts';
import type { Logger } from './logger.ts';

export interface RetryPolicy {
  readonly signal: AbortSignal;
  /** Whether another try may succeed after this error; all other errors are thrown at once. */
  readonly isTemporary: (error: unknown) => boolean;
  /** The first try included; left out: no limit. */
  readonly maxTries?: number;
  /** No try begins later than this after the first one; left out: no limit. */
  readonly maxElapsedMs?: number;
  /** The delay before the second try; it doubles with each. */
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** Draws each delay at random between 0 and the backoff, on top of the least delay, so that clients do not return together. */
  readonly jitter?: boolean;
  /** The least delay, where the server asked for one (Retry-After). */
  readonly minDelayMs?: (error: unknown) => number;
  /** Called after each failed try that is followed by another. */
  readonly onRetry?: (error: unknown, delayMs: number) => void;
}

/**
 * Repeats work with exponential backoff until it succeeds or the policy gives it up. The only retry loop within a
 * process; longer waits belong to the queues. The first try is made also when the signal is aborted already: a step
 * that must follow another (a job after its record) is not left out.
 * @throws what the last try threw; InterruptedError when the signal is aborted.
 */
export async function retry<T>(work: () => Promise<T>, policy: RetryPolicy): Promise<T> {
  const { signal, maxTries = Infinity, maxElapsedMs = Infinity, firstDelayMs, maxDelayMs } = policy;
  const startedAt = performance.now();
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) throw interruptionOf(signal);
      if (tries >= maxTries || !policy.isTemporary(error)) throw error;
      const backoffMs = Math.min(maxDelayMs, firstDelayMs * 2 ** Math.min(tries - 1, 40));
      const minDelayMs = policy.minDelayMs?.(error) ?? 0;
      const delayMs =
        policy.jitter === true ? minDelayMs + Math.random() * backoffMs : Math.max(minDelayMs, backoffMs);
      if (performance.now() - startedAt + delayMs > maxElapsedMs) throw error;
      policy.onRetry?.(error, delayMs);
      await pause(delayMs, signal);
    }
  }
}

/**
 * Tries to reach a server until it succeeds, with growing delays: a worker that starts waits for its servers.
 * @param onRetry called with the error of each failed try
 * @throws InterruptedError when the signal is aborted.
 */
export async function waitForServer<T>(
  what: string,
  open: () => Promise<T>,
  logger: Logger,
  signal: AbortSignal,
  onRetry: (error: unknown) => void = () => undefined,
): Promise<T> {
  if (signal.aborted) throw interruptionOf(signal);
  return await retry(open, {
    signal,
    isTemporary: () => true,
    firstDelayMs: 500,
    maxDelayMs: 15_000,
    onRetry: (error, delayMs) => {
      onRetry(error);
      logger.warn({ retryInMs: delayMs }, `Waiting for ${what}: ${toError(error).message}`);
    },
  });
}
