import type { Readable } from 'node:stream';
import type { StorageLimits } from '../config/config.ts';
import { toError } from '../domain/job-errors.ts';
import { interruptionOf, startDeadline, withDeadline } from '../runtime/deadline.ts';
import { retry } from '../runtime/retry.ts';
import { measureStream, reportBytes } from './measured-stream.ts';
import type { ObjectInfo, OpenContent, OpenObject, TransferOptions } from './object-store.ts';
import { storeRetryPolicy, transferToJobError, UnavailableError } from './storage-errors.ts';
import { readAll } from './store-connection.ts';

/** What is being done, for error messages, and how long it may take. */
export interface RequestOptions {
  readonly what: string;
  readonly limits: StorageLimits;
  /** How often it is tried while the store is unavailable; 4 when left out. */
  readonly tries?: number;
}

/** A listing is one long chain of pages: one that fails ends all of it, so each is tried more often than other requests. */
export const LIST_TRIES = 6;
/** 5,000 blobs with all the metadata that Azure allows (8 KiB each) are 40 MiB. */
export const MAX_PAGE_BYTES = 64 * 1024 ** 2;
/** Objects up to this size are read into memory before they are used. */
const SMALL_BYTES = 1024 ** 2;

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
  { what, limits, tries }: RequestOptions,
  callerSignal: AbortSignal,
  send: (context: { readonly what: string; readonly signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  // No bytes are counted here; a server that does not answer must not hold it longer than the stall limit.
  const deadlineMs = Math.min(limits.stallMs, limits.deadlineMs);
  return withDeadline(({ signal }) => retry(() => send({ what, signal }), storeRetryPolicy(signal, tries)), {
    signal: callerSignal,
    deadlineMs,
    what,
  });
}

/** Makes the request for an object and returns the response. It throws JobErrors. */
type SendForObject = (signal: AbortSignal) => Promise<{ readonly info: ObjectInfo; readonly body: Readable }>;

/** Opens an object for reading; the limits hold until its stream closes. */
export async function openObject(
  { what, limits }: RequestOptions,
  options: TransferOptions,
  send: SendForObject,
): Promise<OpenObject> {
  const deadline = startDeadline({ ...limits, signal: options.signal, what });
  const { signal } = deadline;
  try {
    const { info, body } = await retry(() => send(signal), storeRetryPolicy(signal));
    const stream = measureStream(body, {
      expectedBytes: info.sizeBytes,
      what,
      onBytes: reportBytes(deadline, options.onBytes),
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
  options: TransferOptions,
  send: SendForObject,
): Promise<OpenContent> {
  const deadline = startDeadline({ ...limits, signal: options.signal, what });
  const { signal } = deadline;
  try {
    const opened = await retry(async () => {
      const { info, body } = await send(signal);
      if (info.sizeBytes > SMALL_BYTES) return { info, body };
      try {
        return { info, content: await readExactly(body, info.sizeBytes, what) };
      } catch (error) {
        throw signal.aborted ? interruptionOf(signal) : transferToJobError(error, what);
      }
    }, storeRetryPolicy(signal));
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
