import { setTimeout as delay } from 'node:timers/promises';
import { toError } from '../domain/job-errors.ts';
import type { Logger } from './logger.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Tries until a server is there, with growing pauses: at start a worker waits for its servers rather than dying.
 * @param onWaiting is told of each failed try.
 * @throws AbortError when the signal is aborted.
 */
export async function waitForServer<T>(
  what: string,
  open: () => Promise<T>,
  logger: Logger,
  signal: AbortSignal,
  onWaiting: (error: unknown) => void = () => undefined,
): Promise<T> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    try {
      return await open();
    } catch (error) {
      // Told to stop, it waits for nothing any more.
      signal.throwIfAborted();
      onWaiting(error);
      logger.warn({ retryInMs: pauseMs }, `Waiting for ${what}: ${toError(error).message}`);
      await delay(pauseMs, undefined, { signal });
    }
  }
}
