import { setTimeout as delay } from 'node:timers/promises';
import { isDatabaseUnavailable } from '../database/database.ts';
import { interruptionOf } from '../runtime/deadline.ts';
import { OperatorError, TransientError } from '../domain/job-errors.ts';

/** Longer than a server of ours takes to start again. */
const PATIENCE_MS = 60_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Does something with Redis or MongoDB again while they cannot be reached, for a minute: a restart of either in the
 * middle of a long listing must not cost what is left of the listing.
 * @param step must be safe to repeat: it may have been done although its answer was lost.
 * @throws the last failure; at once what is no failure to reach a server.
 */
export async function retryWhileUnavailable<T>(step: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const endsAt = performance.now() + PATIENCE_MS;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return await step();
    } catch (error) {
      const isRedisAway = error instanceof OperatorError && error.errorClass === 'redis_unavailable';
      const mayPass = error instanceof TransientError || isRedisAway || isDatabaseUnavailable(error);
      if (!mayPass || performance.now() + pauseMs > endsAt) throw error;
      await delay(pauseMs, undefined, { signal }).catch(() => {
        throw interruptionOf(signal);
      });
    }
  }
}
