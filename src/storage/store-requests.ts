import type { Readable } from 'node:stream';
import type { StorageLimits } from '../config/config.ts';
import { interruptionOf, startDeadline, withDeadline } from '../runtime/deadline.ts';
import { retry } from '../runtime/retry.ts';
import { measureStream, reportBytes } from './measured-stream.ts';
import type { ObjectInfo, OpenObject, TransferOptions } from './object-store.ts';
import { storeRetryPolicy, transferToJobError } from './storage-errors.ts';

/** What is being done, for error messages, and how long it may take. */
export interface RequestOptions {
  readonly what: string;
  readonly limits: StorageLimits;
}

/** Makes a small request with a deadline, retried while the store is unavailable. */
export function requestWithRetries<T>(
  { what, limits }: RequestOptions,
  callerSignal: AbortSignal,
  send: (context: { readonly what: string; readonly signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  // No bytes are counted here; a server that does not answer must not hold it longer than the stall limit.
  const deadlineMs = Math.min(limits.stallMs, limits.deadlineMs);
  return withDeadline(({ signal }) => retry(() => send({ what, signal }), storeRetryPolicy(signal)), {
    signal: callerSignal,
    deadlineMs,
    what,
  });
}

/**
 * Opens an object for reading; the limits hold until its stream closes.
 * @param send makes the request and returns the response. It throws JobErrors.
 * @param toError gives an error of the transfer its class.
 */
export async function openObject(
  { what, limits }: RequestOptions,
  options: TransferOptions,
  send: (signal: AbortSignal) => Promise<{ readonly info: ObjectInfo; readonly body: Readable }>,
  toError: (error: unknown) => unknown = (error) => error,
): Promise<OpenObject> {
  const deadline = startDeadline({ ...limits, signal: options.signal, what });
  const { signal } = deadline;
  try {
    const { info, body } = await retry(() => send(signal), storeRetryPolicy(signal));
    const stream = measureStream(body, {
      expectedBytes: info.sizeBytes,
      what,
      onBytes: reportBytes(deadline, options.onBytes),
      mapError: (error) => (signal.aborted ? interruptionOf(signal) : toError(error)),
    });
    stream.on('close', () => {
      deadline.stop();
    });
    return { info, stream };
  } catch (error) {
    deadline.stop();
    throw signal.aborted ? interruptionOf(signal) : transferToJobError(error, what);
  }
}
