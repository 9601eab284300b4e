import { definedFields } from '../domain/defined-fields.ts';
import { PermanentError, TransientError, toJobError, type JobError } from '../domain/job-errors.ts';
import { pause, withDeadline, type Deadline } from '../runtime/deadline.ts';
import { statIfThere } from '../runtime/files.ts';
import type { HttpResponse, HttpClient, Validators } from '../runtime/http-client/http-client.ts';
import type { MediaProgress } from './audio-downloader.ts';
import { audioTooLarge } from './media-errors.ts';
import { announcedBytes, saveBody } from './save-body.ts';

export interface EnclosureOptions {
  readonly signal: AbortSignal;
  readonly stallMs: number;
  readonly deadlineMs: number;
  readonly maxSizeBytes: number;
  readonly onProgress: (progress: MediaProgress) => void;
}

/** A file that was downloaded whole. */
export interface DownloadedEnclosure {
  /** Whether the server announced where the file ends; otherwise a cut connection looks like the end. */
  readonly isEndKnown: boolean;
}

/** In a row, without a new byte in between. */
const MAX_RESUMPTIONS = 3;
const RESUMPTION_DELAY_MS = 1_000;
const RESUMED: ReadonlySet<string> = new Set(['network', 'stall', 'server_error']);
const REFUSALS = [401, 402, 403, 404, 410, 416, 451] as const;

/**
 * Downloads a file over HTTP. A broken transfer is resumed where it ended, if the server can send parts of the same
 * version (RFC 9110, sections 13.1.5 and 14.2), and from the beginning otherwise.
 * @param file absolute path
 * @throws JobError; `removed`, `private` and the like where the server does not give out the file.
 */
export function downloadEnclosure(
  http: HttpClient,
  url: URL,
  file: string,
  options: EnclosureOptions,
): Promise<DownloadedEnclosure> {
  return withDeadline(
    async (deadline) => {
      let version: Validators = {};
      let mostBytes = 0;
      for (let failures = 0; ;) {
        const heldBytes = await sizeOf(file);
        try {
          const response = await request(http, url, { heldBytes, version, deadline, options });
          version = response.validators;
          return await receive(response, file, { heldBytes, deadline, options });
        } catch (thrown) {
          const error = toJobError(thrown);
          if (deadline.signal.aborted || !RESUMED.has(error.errorClass)) throw error;
          const currentBytes = await sizeOf(file);
          failures = currentBytes > mostBytes ? 1 : failures + 1;
          mostBytes = Math.max(mostBytes, currentBytes);
          // A download without a first byte is retried by the queue.
          if (currentBytes === 0 || failures > MAX_RESUMPTIONS) throw error;
          await pause(RESUMPTION_DELAY_MS, deadline.signal);
        }
      }
    },
    {
      signal: options.signal,
      deadlineMs: options.deadlineMs,
      // The client ends a silent connection; this covers the rest, such as a server that sends the same bytes again.
      stallMs: (options.stallMs + RESUMPTION_DELAY_MS) * (MAX_RESUMPTIONS + 1),
      what: 'Downloading the episode',
    },
  );
}

interface Transfer {
  /** The size of the file so far. */
  readonly heldBytes: number;
  readonly deadline: Deadline;
  readonly options: EnclosureOptions;
}

async function request(
  http: HttpClient,
  url: URL,
  { heldBytes, version, deadline, options }: Transfer & { readonly version: Validators },
): Promise<HttpResponse> {
  // Weak validators do not identify bytes (RFC 9110, section 13.1.5).
  const strongTag = version.etag?.startsWith('W/') === false ? version.etag : undefined;
  const condition = strongTag ?? version.lastModified;
  // A part of an unknown version could belong to another file.
  const start = condition === undefined ? 0 : heldBytes;
  let response: HttpResponse;
  try {
    response = await http.fetch(url, {
      headers: {
        accept: 'audio/*, application/octet-stream;q=0.9, */*;q=0.5',
        // Also for the whole file: a compressed response has no parts and no length.
        range: `bytes=${String(start)}-`,
        ...(condition === undefined || start === 0 ? {} : { 'if-range': condition }),
      },
      maxBytes: options.maxSizeBytes,
      acceptedStatuses: REFUSALS,
      timeoutMs: options.deadlineMs,
      signal: deadline.signal,
    });
  } catch (thrown) {
    throw toMediaError(toJobError(thrown));
  }
  deadline.noteProgress();
  const refusal = refusalOf(response.status);
  if (refusal === undefined) return response;
  await response.discard();
  throw refusal;
}

async function receive(
  response: HttpResponse,
  file: string,
  { heldBytes, deadline, options }: Transfer,
): Promise<DownloadedEnclosure> {
  const { startBytes, totalBytes } = partOf(response, heldBytes);
  const { headers } = response;
  if (/^text\/html\b/i.test(headers.get('content-type') ?? '')) {
    await response.discard();
    throw new TransientError('broken_media', 'The server sent a web page instead of the audio.');
  }
  await saveBody(response, file, {
    startBytes,
    totalBytes,
    maxSizeBytes: options.maxSizeBytes,
    onProgress: (percent) => {
      deadline.noteProgress();
      options.onProgress(definedFields({ stage: 'fetch' as const, percent }));
    },
  });
  const isChunked = /\bchunked\b/i.test(headers.get('transfer-encoding') ?? '');
  return { isEndKnown: totalBytes !== undefined || isChunked };
}

/** Where in the file the body begins, and the announced size of the file. */
function partOf(
  { status, headers }: HttpResponse,
  heldBytes: number,
): { startBytes: number; totalBytes: number | undefined } {
  if (status !== 206) return { startBytes: 0, totalBytes: announcedBytes(headers) };
  const [, start, end, total] =
    /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
  if (start === undefined || end === undefined || Number(start) > heldBytes) {
    throw new TransientError('source_format', 'The server sent another part than the requested one.');
  }
  return { startBytes: Number(start), totalBytes: total === '*' ? undefined : Number(total) };
}

/** The advice of the `source_…` classes is about sources.yaml, which has nothing to do with an episode. */
function toMediaError(error: JobError): JobError {
  const { errorClass, message } = error;
  if (errorClass === 'source_missing') return new PermanentError('removed', message, { cause: error });
  if (errorClass === 'source_refused') return new PermanentError('unsupported', message, { cause: error });
  return errorClass === 'too_large' ? audioTooLarge(error) : error;
}

function refusalOf(status: number): JobError | undefined {
  const message = `The server of the episode answered with status ${String(status)}.`;
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
      return new TransientError('broken_media', `${message} The file is empty or has changed meanwhile.`);
    default:
      return undefined;
  }
}

async function sizeOf(file: string): Promise<number> {
  return (await statIfThere(file))?.size ?? 0;
}
