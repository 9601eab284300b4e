import type { Readable } from 'node:stream';
import { retry } from '../runtime/retry.ts';
import { hexToBase64, type Checksums } from './checksums.ts';
import { measureStream, type MeasureOptions } from './measured-stream.ts';
import type { MinioRequests } from './minio-requests.ts';
import { unquoteEtag } from './object-info.ts';
import type { TransferOptions } from './object-store.ts';
import { encodeQuery } from './s3-signature.ts';
import { storeRetryPolicy } from './storage-errors.ts';

/** An object to be stored. */
export interface NewObject {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What is being done, for error messages. */
  readonly what: string;
}

export interface ObjectPart extends Pick<MeasureOptions, 'mapError'> {
  readonly sums: Checksums;
  /** Opens the content; called once for each try. */
  readonly open: () => Readable;
}

/** Sends one part of an object, again where that may help. @returns its ETag. */
export type SendPart = (
  part: { readonly name: string; readonly query: string; readonly what: string },
  transfer: Required<TransferOptions>,
) => Promise<string>;

/** What differs between uploads in parts. */
export interface MultipartSteps<T> {
  /** Makes one request under the limits of the upload. */
  readonly run: <T>(send: (transfer: Required<TransferOptions>) => Promise<T>) => Promise<T>;
  /** Called when all parts are in the bucket. If it fails, the object does not appear. */
  readonly beforeVisible: () => Promise<T> | T;
  /** For the request that aborts a failed upload. */
  readonly abortSignal: () => AbortSignal;
}

/**
 * Stores an object in parts, one after the other; the server compares each part with its checksums, and a failed part is
 * retried alone. The object appears as a whole at the end or, after any failure, not at all.
 * @returns what `beforeVisible` returned.
 */
export async function putInParts<T>(
  requests: MinioRequests,
  object: NewObject,
  parts: AsyncIterable<ObjectPart>,
  steps: MultipartSteps<T>,
): Promise<T> {
  async function* sends(): AsyncGenerator<SendPart, void> {
    for await (const part of parts) {
      yield (request, transfer) => putPart(requests, request, part, transfer);
    }
  }
  return await storeInParts(requests, object, sends(), steps);
}

/** Stores an object in parts as `putInParts` does, however each part gets there. */
export async function storeInParts<T>(
  requests: MinioRequests,
  object: NewObject,
  parts: AsyncIterable<SendPart> | Iterable<SendPart>,
  { run, beforeVisible, abortSignal }: MultipartSteps<T>,
): Promise<T> {
  const { name, headers, what } = object;
  const uploadId = await run(({ signal }) =>
    requests.call({ what, signal }, (client, bucket) =>
      client.initiateNewMultipartUpload(bucket, name, headers),
    ),
  );
  try {
    const stored: { part: number; etag: string }[] = [];
    for await (const send of parts) {
      const number = stored.length + 1;
      const request = {
        name,
        query: encodeQuery({ partNumber: String(number), uploadId }),
        what: `${what}, part ${String(number)}`,
      };
      const etag = await run((transfer) =>
        retry(() => send(request, transfer), storeRetryPolicy(transfer.signal)),
      );
      stored.push({ part: number, etag });
    }
    const result = await beforeVisible();
    await run(({ signal }) =>
      requests.call({ what, signal }, (client, bucket) =>
        client.completeMultipartUpload(bucket, name, uploadId, stored),
      ),
    );
    return result;
  } catch (error) {
    // What cannot be removed now is removed by `abortUnfinishedUploads` later.
    await abortUpload(requests, { name, uploadId }, abortSignal()).catch(() => undefined);
    throw error;
  }
}

async function putPart(
  requests: MinioRequests,
  request: { readonly name: string; readonly query: string; readonly what: string },
  { sums, open, ...errors }: ObjectPart,
  { signal, onBytes }: Required<TransferOptions>,
): Promise<string> {
  const { sizeBytes, sha256, md5 } = sums;
  const measure = { expectedBytes: sizeBytes, onBytes, what: request.what, ...errors };
  const body = { stream: measureStream(open(), measure), sizeBytes, sha256 };
  const headers = { 'content-md5': hexToBase64(md5) };
  const { head } = await requests.sendForText({ ...request, method: 'PUT', headers, body }, signal);
  return unquoteEtag(head.headers.etag);
}

/** Aborts all unfinished uploads of this name: they take up space and are never resumed. */
export async function abortUnfinishedUploads(
  requests: MinioRequests,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const what = `listing unfinished uploads of ${name}`;
  const { uploads } = await requests.call({ what, signal }, (client, bucket) =>
    client.listIncompleteUploadsQuery(bucket, name, '', '', ''),
  );
  for (const { key, uploadId } of uploads) {
    if (key === name) await abortUpload(requests, { name, uploadId }, signal);
  }
}

async function abortUpload(
  requests: MinioRequests,
  { name, uploadId }: { readonly name: string; readonly uploadId: string },
  signal: AbortSignal,
): Promise<void> {
  const what = `aborting an unfinished upload of ${name}`;
  await requests.call({ what, signal }, (client, bucket) =>
    // This is the only method of minio-js that does not encode the id.
    client.abortMultipartUpload(bucket, name, encodeURIComponent(uploadId)),
  );
}
