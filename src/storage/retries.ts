import { pause } from '../runtime/deadline.ts';
import { UnavailableError } from './storage-errors.ts';

/** How often and how fast a request is repeated before its job fails. */
export interface RetryLimits {
  readonly signal: AbortSignal;
  /** All tries together; 4 unless told. */
  readonly tries?: number;
  /** The cap of the first pause; it doubles with each. 200 ms unless told. */
  readonly baseDelayMs?: number;
}

const MAX_DELAY_MS = 20_000;

/**
 * Repeats a request that met an unavailable store or connection, with full jitter, never sooner than the store
 * asked. Other failures, timeouts and stalls pass at once: the queues have their own patience for those.
 */
export async function withRetries<T>(attempt: () => Promise<T>, limits: RetryLimits): Promise<T> {
  const { signal, tries = 4, baseDelayMs = 200 } = limits;
  for (let made = 1; ; made += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof UnavailableError) || made >= tries) throw error;
      const askedMs = error.retryAfterMs ?? 0;
      // A longer wait belongs to the queue, where it does not hold a worker.
      if (askedMs > MAX_DELAY_MS) throw error;
      const jitterMs = Math.random() * Math.min(MAX_DELAY_MS, baseDelayMs * 2 ** (made - 1));
      await pause(askedMs + jitterMs, signal);
    }
  }
}
