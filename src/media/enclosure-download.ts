import { open, type FileHandle } from 'node:fs/promises';
import { pause, withDeadline, type Watchdog } from '../runtime/deadline.ts';
import type { HttpResponse, HttpClient, Validators } from '../runtime/http-client/http-client.ts';
import { PermanentError, TransientError, toJobError, type JobError } from '../domain/job-errors.ts';
import type { MediaProgress } from './audio-downloader.ts';
import { statIfThere } from '../runtime/directory-reading.ts';
import { fileError } from '../runtime/file-errors.ts';

/** What a download may cost. */
export interface EnclosureLimits {
  readonly signal: AbortSignal;
  readonly stallMs: number;
  readonly deadlineMs: number;
  readonly maxSizeBytes: number;
  readonly onProgress: (progress: MediaProgress) => void;
}

/** A file that was downloaded whole. */
export interface DownloadedEnclosure {
  /** Whether the server said where the file ends; without that a cut connection looks like its end. */
  readonly isEndKnown: boolean;
}

/** Without one more byte in between. */
const MOST_RESUMPTIONS_IN_A_ROW = 3;
const RESUMPTION_PAUSE_MS = 1_000;
const RESUMED: ReadonlySet<string> = new Set(['network', 'stall', 'server_error']);
const REFUSALS = [401, 402, 403, 404, 410, 416, 451] as const;

/**
 * Downloads a file over HTTP. A transfer that breaks off goes on where it ended, if the server can send parts of the
 * same version (RFC 9110, sections 13.1.5 and 14.2), and from the beginning otherwise.
 * @param file absolute path
 * @throws JobError; `removed`, `private` and the like where the server says that the file is not to be had.
 */
export function downloadEnclosure(
  http: HttpClient,
  url: URL,
  file: string,
  limits: EnclosureLimits,
): Promise<DownloadedEnclosure> {
  return withDeadline(
    async (watchdog) => {
      let version: Validators = {};
      let bestBytes = 0;
      for (let failures = 0; ;) {
        const heldBytes = await sizeOf(file);
        try {
          const answer = await ask(http, url, { heldBytes, version, watchdog, limits });
          version = answer.validators;
          return await receive(answer, file, { heldBytes, watchdog, limits });
        } catch (thrown) {
          const error = toJobError(thrown);
          if (watchdog.signal.aborted || !RESUMED.has(error.errorClass)) throw error;
          const nowBytes = await sizeOf(file);
          failures = nowBytes > bestBytes ? 1 : failures + 1;
          bestBytes = Math.max(bestBytes, nowBytes);
          // What has not begun is for the queue to try again.
          if (nowBytes === 0 || failures > MOST_RESUMPTIONS_IN_A_ROW) throw error;
          await pause(RESUMPTION_PAUSE_MS, watchdog.signal);
        }
      }
    },
    {
      signal: limits.signal,
      deadlineMs: limits.deadlineMs,
      // The client ends a silent connection; this is for what it does not see.
      stallMs: (limits.stallMs + RESUMPTION_PAUSE_MS) * (MOST_RESUMPTIONS_IN_A_ROW + 1),
      what: 'Downloading the episode',
    },
  );
}

interface Transfer {
  /** How much of the file is there already. */
  readonly heldBytes: number;
  readonly watchdog: Watchdog;
  readonly limits: EnclosureLimits;
}

async function ask(
  http: HttpClient,
  url: URL,
  { heldBytes, version, watchdog, limits }: Transfer & { readonly version: Validators },
): Promise<HttpResponse> {
  // Weak validators name no bytes (RFC 9110, section 13.1.5).
  const strongTag = version.etag?.startsWith('W/') === false ? version.etag : undefined;
  const condition = strongTag ?? version.lastModified;
  // A part of an unknown version could be of another file.
  const start = condition === undefined ? 0 : heldBytes;
  let answer: HttpResponse;
  try {
    answer = await http.fetch(url, {
      headers: {
        accept: 'audio/*, application/octet-stream;q=0.9, */*;q=0.5',
        // Also for the first byte on: a compressed answer has no parts and no length.
        range: `bytes=${String(start)}-`,
        ...(condition === undefined || start === 0 ? {} : { 'if-range': condition }),
      },
      maxBytes: limits.maxSizeBytes,
      acceptedStatuses: REFUSALS,
      timeoutMs: limits.deadlineMs,
      signal: watchdog.signal,
    });
  } catch (thrown) {
    throw asMediaFailure(toJobError(thrown));
  }
  watchdog.moved();
  const refusal = refusalOf(answer.status);
  if (refusal === undefined) return answer;
  await answer.discard();
  throw refusal;
}

async function receive(
  answer: HttpResponse,
  file: string,
  { heldBytes, watchdog, limits }: Transfer,
): Promise<DownloadedEnclosure> {
  const part = partOf(answer, heldBytes);
  const mediaType = answer.headers.get('content-type') ?? '';
  if (/^text\/html\b/i.test(mediaType)) {
    await answer.discard();
    throw new TransientError('broken_media', 'The server sent a page in place of the audio.');
  }
  const totalBytes = part.totalBytes;
  if ((totalBytes ?? 0) > limits.maxSizeBytes) {
    await answer.discard();
    throw tooLarge();
  }
  let bytes = part.start;
  const sink = await open(file, part.start === 0 ? 'w' : 'r+').catch((error: unknown) => {
    throw fileError(error, 'Opening the download');
  });
  try {
    // Written at once and not through a stream, which would drop what it still holds when the transfer breaks off.
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      if (bytes + chunk.length > limits.maxSizeBytes) throw tooLarge();
      await writeAll(sink, chunk, bytes);
      bytes += chunk.length;
      watchdog.moved();
      limits.onProgress({
        stage: 'fetch',
        ...(totalBytes === undefined ? {} : { percent: Math.min(100, (bytes / totalBytes) * 100) }),
      });
    }
  } catch (error) {
    throw asMediaFailure(toJobError(error));
  } finally {
    answer.body.destroy();
    await sink.close();
  }
  if (totalBytes !== undefined && bytes !== totalBytes) {
    throw new TransientError('network', `${String(bytes)} of ${String(totalBytes)} bytes arrived.`);
  }
  if (bytes === 0) throw new TransientError('broken_media', 'The audio that arrived has no bytes.');
  const isChunked = /\bchunked\b/i.test(answer.headers.get('transfer-encoding') ?? '');
  return { isEndKnown: totalBytes !== undefined || isChunked };
}

/** Where in the file the answer begins, and how long the file is; `totalBytes` is undefined when nobody says. */
function partOf(
  { status, headers }: HttpResponse,
  heldBytes: number,
): { start: number; totalBytes: number | undefined } {
  if (status !== 206) {
    const length = headers.get('content-encoding') === null ? headers.get('content-length') : null;
    return { start: 0, totalBytes: length === null ? undefined : Number(length) };
  }
  const [, start, end, total] =
    /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
  if (start === undefined || end === undefined || Number(start) > heldBytes) {
    throw new TransientError('source_format', 'The server sent another part than the one asked for.');
  }
  return { start: Number(start), totalBytes: total === '*' ? undefined : Number(total) };
}

/** Advice of the classes for sources speaks of sources.yaml; an episode is none. */
function asMediaFailure(error: JobError): JobError {
  const { errorClass, message } = error;
  if (errorClass === 'source_missing') return new PermanentError('removed', message, { cause: error });
  if (errorClass === 'source_refused') return new PermanentError('unsupported', message, { cause: error });
  return errorClass === 'too_large' ? tooLarge(error) : error;
}

function refusalOf(status: number): JobError | undefined {
  const message = `The server of the episode answered with ${String(status)}.`;
  switch (status) {
    case 404:
    case 410:
      return new PermanentError('removed', message);
    case 401:
    case 403:
      return new PermanentError('private', message);
    case 402:
      return new PermanentError('members_only', message);
    case 451:
      return new PermanentError('geo_blocked', message);
    case 416:
      return new TransientError('broken_media', `${message} The file is empty or changed meanwhile.`);
    default:
      return undefined;
  }
}

function tooLarge(cause?: Error): PermanentError {
  return new PermanentError('too_large', 'The audio is larger than MAX_SIZE_BYTES.', { cause });
}

async function writeAll(sink: FileHandle, chunk: Buffer, position: number): Promise<void> {
  try {
    for (let done = 0; done < chunk.length;) {
      done += (await sink.write(chunk, done, chunk.length - done, position + done)).bytesWritten;
    }
  } catch (error) {
    throw fileError(error, 'Writing the download');
  }
}

async function sizeOf(file: string): Promise<number> {
  return (await statIfThere(file))?.size ?? 0;
}
