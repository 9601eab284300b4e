import { toError } from '../domain/job-errors.ts';
import { interruptionOf } from './deadline.ts';
import type { Logger } from './logger.ts';
import { retry } from './retry.ts';

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
