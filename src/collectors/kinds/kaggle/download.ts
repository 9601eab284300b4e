import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { HttpResponse, HttpClient } from '../../../runtime/http-client/http-client.ts';
import { OperatorError, TransientError, toError } from '../../../domain/job-errors.ts';
import { openTemporaryFile } from './temporary-file.ts';

/** A download in a file without a name, complete and checked. */
export interface Download {
  readonly file: FileHandle;
  /** What the server calls it, if it says so. */
  readonly name: string | undefined;
  readonly mediaType: string;
  /** False when the server sent no checksum. */
  readonly isVerified: boolean;
}

/** Limits and rights of one download. */
export interface DownloadRequest {
  readonly authorization: string | undefined;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** A gigabyte over a slow line; a server that says nothing is given up much earlier. */
const TIMEOUT_MS = 2 * 60 * 60_000;

/**
 * Downloads into a file without a name, of which nothing is left whatever happens. The checksum is that of Google
 * Cloud Storage, where Kaggle redirects to (https://cloud.google.com/storage/docs/xml-api/reference-headers).
 * @returns the caller closes the file
 * @throws TransientError `source_format` when the checksum does not fit; OperatorError `disk_full`
 */
export async function download(http: HttpClient, url: URL, request: DownloadRequest): Promise<Download> {
  const { authorization, maxBytes, signal } = request;
  const answer = await http.fetch(url, {
    ...(authorization === undefined ? {} : { authorization }),
    maxBytes,
    redirects: 'any-host',
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  let file: FileHandle;
  try {
    file = await openTemporaryFile();
  } catch (error) {
    await answer.discard();
    throw writeFailure(error);
  }
  try {
    const expected = md5Of(answer);
    const received = await save(answer, file);
    if (expected !== undefined && expected !== received) {
      throw new TransientError('source_format', `${url.pathname} arrived with another MD5 than announced.`);
    }
    return {
      file,
      name: nameOf(answer),
      mediaType: answer.headers.get('content-type') ?? '',
      isVerified: expected !== undefined,
    };
  } catch (error) {
    await file.close();
    throw writeFailure(error);
  }
}

/** @returns the MD5 in base64 */
async function save(answer: HttpResponse, file: FileHandle): Promise<string> {
  const hash = createHash('md5');
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    hash.update(chunk);
    await file.appendFile(chunk);
  }
  return hash.digest('base64');
}

/** Undefined where none was sent, or where it is that of a compressed form which was undone on the way. */
function md5Of({ headers }: HttpResponse): string | undefined {
  const stored = headers.get('x-goog-stored-content-encoding') ?? 'identity';
  if (stored !== 'identity' || headers.has('content-encoding')) return undefined;
  return /(?:^|[\s,])md5=([A-Za-z\d+/]{22}==)/.exec(headers.get('x-goog-hash') ?? '')?.[1];
}

/** From Content-Disposition (RFC 6266, the plain form) or the address; only its last part. */
function nameOf({ headers, url }: HttpResponse): string | undefined {
  const disposition = /filename="?([^";]+)/i.exec(headers.get('content-disposition') ?? '')?.[1];
  const name = (disposition ?? decoded(url.pathname)).split(/[/\\]/).at(-1)?.trim();
  return name === '' ? undefined : name;
}

function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}

function writeFailure(thrown: unknown): Error {
  const error = toError(thrown);
  return 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
    ? new OperatorError(
        'disk_full',
        'The directory for temporary files (TMPDIR) has no space for a download.',
        {
          cause: error,
        },
      )
    : error;
}
