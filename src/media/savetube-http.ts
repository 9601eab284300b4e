import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { z } from 'zod';
import { withDeadline, type Watchdog } from '../runtime/deadline.ts';
import { JobError, PermanentError, ThrottledError, TransientError, toError } from '../domain/job-errors.ts';
import type { MediaProgress } from './audio-downloader.ts';
import { fileError } from '../runtime/file-errors.ts';
import { fileUrl } from './savetube-protocol.ts';

const CALL_DEADLINE_MS = 30_000;
const LARGEST_ANSWER_BYTES = 1024 * 1024;
const MOST_REDIRECTIONS = 5;
const HEADERS = { 'user-agent': 'sonotheque', accept: '*/*' };

/**
 * Asks for a small JSON answer.
 * @throws TransientError, ThrottledError or InterruptedError
 */
export function askJson<S extends z.ZodType>(
  address: string,
  schema: S,
  signal: AbortSignal,
  body?: unknown,
): Promise<z.output<S>> {
  return withDeadline(
    async (watchdog) => {
      const response = await request(new URL(address), watchdog, body);
      if (!response.ok) throw await refusal(response);
      const parsed = schema.safeParse(parseJson(await boundedText(response)));
      if (parsed.success) return parsed.data;
      throw new TransientError('extraction', 'SaveTube gave an answer of another form.', {
        cause: parsed.error,
      });
    },
    { signal, deadlineMs: CALL_DEADLINE_MS, what: 'Asking SaveTube' },
  );
}

/** What a download may cost and where it may lead. */
export interface DownloadLimits {
  readonly signal: AbortSignal;
  readonly stallMs: number;
  readonly deadlineMs: number;
  readonly maxSizeBytes: number;
  readonly scheme: 'http' | 'https';
  readonly onProgress: (progress: MediaProgress) => void;
}

/**
 * Fetches a file; every redirection is checked like the first address.
 * @param nameFor the absolute path for a file of this content type
 * @throws JobError
 */
export function downloadFile(
  address: URL,
  nameFor: (contentType: string) => string,
  limits: DownloadLimits,
): Promise<string> {
  return withDeadline(
    async (watchdog) => {
      const response = await followRedirections(address, watchdog, limits.scheme);
      if (!response.ok) throw await refusal(response);
      const announced = Number(response.headers.get('content-length') ?? Number.NaN);
      if (announced > limits.maxSizeBytes) throw tooLarge();
      if (response.body === null)
        throw new TransientError('broken_media', 'The audio that arrived has no bytes.');
      const file = nameFor(response.headers.get('content-type') ?? '');
      let bytes = 0;
      async function* counted(source: AsyncIterable<Uint8Array>) {
        for await (const chunk of source) {
          bytes += chunk.length;
          if (bytes > limits.maxSizeBytes) throw tooLarge();
          watchdog.moved();
          limits.onProgress({
            stage: 'fetch',
            source: 'savetube',
            ...(announced > 0 ? { percent: Math.min(100, (bytes / announced) * 100) } : {}),
          });
          yield chunk;
        }
      }
      try {
        await pipeline(Readable.fromWeb(response.body), counted, createWriteStream(file), {
          signal: watchdog.signal,
        });
      } catch (error) {
        throw transferError(error);
      }
      return file;
    },
    {
      signal: limits.signal,
      deadlineMs: limits.deadlineMs,
      stallMs: limits.stallMs,
      what: 'Fetching from SaveTube',
    },
  );
}

async function followRedirections(
  address: URL,
  watchdog: Watchdog,
  scheme: 'http' | 'https',
): Promise<Response> {
  let url = address;
  for (let count = 0; count <= MOST_REDIRECTIONS; count += 1) {
    const response = await request(url, watchdog);
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    await response.body?.cancel();
    url = fileUrl(location, scheme, url.href);
  }
  throw new TransientError('extraction', 'SaveTube redirects without end.');
}

async function request(url: URL, watchdog: Watchdog, body?: unknown): Promise<Response> {
  try {
    return await fetch(url, {
      signal: watchdog.signal,
      redirect: 'manual',
      headers: body === undefined ? HEADERS : { ...HEADERS, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
  } catch (error) {
    throw new TransientError('network', 'SaveTube cannot be reached.', { cause: toError(error) });
  }
}

async function refusal(response: Response): Promise<JobError> {
  await response.body?.cancel();
  const text = `SaveTube answered with ${String(response.status)}.`;
  if (response.status === 429) return new ThrottledError('rate_limited', text);
  return new TransientError('server_error', text);
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const body: AsyncIterable<Uint8Array> | null = response.body;
  if (body === null) return '';
  for await (const chunk of body) {
    size += chunk.length;
    if (size > LARGEST_ANSWER_BYTES)
      throw new TransientError('extraction', 'The answer of SaveTube is too long.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Failures of the disk carry a code of the file system; all others are the network's. */
function transferError(thrown: unknown): JobError {
  if (thrown instanceof JobError) return thrown;
  const error = toError(thrown);
  if ('syscall' in error && (error.syscall === 'write' || error.syscall === 'open')) {
    return fileError(error, 'Writing the download');
  }
  return new TransientError('network', 'The transfer from SaveTube broke off.', { cause: error });
}

function tooLarge(): PermanentError {
  return new PermanentError('too_large', 'The audio is larger than MAX_SIZE_BYTES.');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
