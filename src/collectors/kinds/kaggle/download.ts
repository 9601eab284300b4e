import { createHash } from 'node:crypto';
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { HttpClient, HttpRequest, HttpResponse } from '../../../runtime/http-client/http-client.ts';
import { TransientError } from '../../../domain/job-errors.ts';
import { fileError } from '../../../runtime/files.ts';

/** Enough for a gigabyte over a slow connection; a silent server reaches the stall limit much earlier. */
const TIMEOUT_MS = 2 * 60 * 60_000;

/**
 * Downloads into an unnamed temporary file. The checksum is the one of Google Cloud Storage, to which Kaggle redirects
 * (https://cloud.google.com/storage/docs/xml-api/reference-headers).
 * @returns the caller closes the file
 * @throws TransientError `source_format` when the checksum differs; OperatorError `disk_full`
 */
export async function download(
  http: HttpClient,
  url: URL,
  request: Pick<HttpRequest, 'authorization' | 'maxBytes' | 'signal'>,
) {
  let file: FileHandle | undefined;
  try {
    file = await openTemporaryFile();
    const response = await http.fetch(url, { ...request, redirects: 'any-host', timeoutMs: TIMEOUT_MS });
    const expected = md5Of(response);
    const received = await save(response, file);
    if (expected !== undefined && expected !== received) {
      throw new TransientError('source_format', `${url.pathname} does not match its announced MD5.`);
    }
    return {
      file,
      /** The file name that the server gives. */
      name: nameOf(response),
      mediaType: response.headers.get('content-type') ?? '',
      /** False when the server sent no checksum. */
      isVerified: expected !== undefined,
    };
  } catch (error) {
    await file?.close();
    throw fileError(error, 'Writing to the directory for temporary files (TMPDIR)');
  }
}

export type Download = Awaited<ReturnType<typeof download>>;

/**
 * Opens a new file and removes its name: no other process can open it, and its space is freed when the handle is closed
 * or the process ends, however it ends. The caller closes it.
 */
async function openTemporaryFile(): Promise<FileHandle> {
  const directory = await mkdtemp(path.join(tmpdir(), 'sonotheque-download-'));
  try {
    return await open(path.join(directory, 'content'), 'wx+', 0o600);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** @returns the MD5 in base64 */
async function save(response: HttpResponse, file: FileHandle): Promise<string> {
  const hash = createHash('md5');
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    hash.update(chunk);
    await file.appendFile(chunk);
  }
  return hash.digest('base64');
}

/** Undefined when the server sent none, or when it is the MD5 of a compressed form that the client decompressed. */
function md5Of({ headers }: HttpResponse): string | undefined {
  const stored = headers.get('x-goog-stored-content-encoding') ?? 'identity';
  if (stored !== 'identity' || headers.has('content-encoding')) return undefined;
  return /(?:^|[\s,])md5=([A-Za-z\d+/]{22}==)/.exec(headers.get('x-goog-hash') ?? '')?.[1];
}

/** From Content-Disposition (RFC 6266, the plain form) or the URL; only the last path segment. */
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
