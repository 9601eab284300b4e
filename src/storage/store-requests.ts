import type { Readable } from 'node:stream';
import type { StorageLimits } from '../config/config.ts';
import { definedFields } from '../domain/defined-fields.ts';
import { toError, TransientError } from '../domain/job-errors.ts';
import { interruptionOf, MAX_TIMER_MS, startDeadline, withDeadline } from '../runtime/deadline.ts';
import { retry } from '../runtime/retry.ts';
import { measureStream, paceOf, reportBytes } from './measured-stream.ts';
import type { ObjectInfo, OpenContent, OpenObject, PacedTransferOptions } from './object-store.ts';
import { storeRetryPolicy, transferToJobError, UnavailableError } from './storage-errors.ts';
import { readAll } from './store-connection.ts';

/** What is being done, for error messages, and how long it may take. */
export interface RequestOptions {
  readonly what: string;
  readonly limits: StorageLimits;
  /** A page of a listing is tried more often than other requests: one that fails ends all of the listing. */
  readonly isPage?: boolean;
}

/** How often a page is tried while the store is unavailable. */
const LIST_TRIES = 6;
/** How often a page may get no answer in its time. */
const PAGE_TIMEOUTS = 2;
/** 5,000 blobs with all the metadata that Azure allows (8 KiB each) are 40 MiB. */
export const MAX_PAGE_BYTES = 64 * 1024 ** 2;
/** Objects up to this size are read into memory before they are used. */
export const SMALL_BYTES = 1024 ** 2;

/** Parses a page of a listing. @throws UnavailableError, so that it is requested again, when it was damaged on its way. */
export function listingPage<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new UnavailableError('network', `${what}: ${toError(cause).message}`, { cause });
  }
}

/** Makes a small request with a deadline, retried while the store is unavailable. */
export function requestWithRetries<T>(
  { what, limits, isPage = false }: RequestOptions,
  callerSignal: AbortSignal,
  send: (context: { readonly what: string; readonly signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const tries = isPage ? LIST_TRIES : undefined;
  // No bytes are counted here; a server that does not answer must not hold it longer than the stall limit.
  const deadlineMs = Math.min(limits.stallMs, limits.deadlineMs);
  const inTime = () =>
    withDeadline(
      ({ signal }) =>
        retry(() => send({ what, signal }), storeRetryPolicy(signal, definedFields({ maxTries: tries }))),
      { signal: callerSignal, deadlineMs, what },
    );
  if (!isPage) return inTime();
  return retry(inTime, {
    signal: callerSignal,
    isTemporary: (error) => error instanceof TransientError && error.errorClass === 'timeout',
    maxTries: PAGE_TIMEOUTS,
    firstDelayMs: 200,
    maxDelayMs: 200,
  });
}

/** With a limit of the bandwidth, how long a transfer takes says nothing about the store: only that it goes on counts. */
export function pacedLimits(limits: StorageLimits, { bandwidth }: PacedTransferOptions): StorageLimits {
  return bandwidth === undefined ? limits : { ...limits, deadlineMs: MAX_TIMER_MS };
}

/** Makes the request for an object and returns the response. It throws JobErrors. */
type SendForObject = (signal: AbortSignal) => Promise<{ readonly info: ObjectInfo; readonly body: Readable }>;

/** Opens an object for reading; the limits hold until its stream closes. */
export async function openObject(
  { what, limits }: RequestOptions,
  options: PacedTransferOptions,
  send: SendForObject,
): Promise<OpenObject> {
  const deadline = startDeadline({ ...pacedLimits(limits, options), signal: options.signal, what });
  const { signal } = deadline;
  try {
    const { info, body } = await retry(() => send(signal), storeRetryPolicy(signal, options));
    const stream = measureStream(body, {
      expectedBytes: info.sizeBytes,
      what,
      onBytes: reportBytes(deadline, options.onBytes),
      pace: paceOf(options.bandwidth, deadline),
      mapError: (error) => (signal.aborted ? interruptionOf(signal) : error),
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

/**
 * As `openObject`, but the content of a small object is read whole, and again when it is cut. The stream of a larger one is
 * that of the connection: whoever reads it checks its length and sets the limits, as a write does.
 */
export async function openContent(
  { what, limits }: RequestOptions,
  options: PacedTransferOptions,
  send: SendForObject,
): Promise<OpenContent> {
  const deadline = startDeadline({ ...limits, signal: options.signal, what });
  const { signal } = deadline;
  try {
    const opened = await retry(
      async () => {
        const { info, body } = await send(signal);
        if (info.sizeBytes > SMALL_BYTES) return { info, body };
        try {
          return { info, content: await readExactly(body, info.sizeBytes, what) };
        } catch (error) {
          throw signal.aborted ? interruptionOf(signal) : transferToJobError(error, what);
        }
      },
      storeRetryPolicy(signal, options),
    );
    deadline.stop();
    return { info: opened.info, content: 'content' in opened ? opened.content : opened.body };
  } catch (error) {
    deadline.stop();
    throw signal.aborted ? interruptionOf(signal) : transferToJobError(error, what);
  }
}

async function readExactly(body: Readable, sizeBytes: number, what: string): Promise<Buffer> {
  const content = await readAll(body, sizeBytes);
  if (content.byteLength === sizeBytes) return content;
  const problem = `the transfer was cut after ${String(content.byteLength)} of ${String(sizeBytes)} bytes.`;
  throw new UnavailableError('network', `${what}: ${problem}`);
}
