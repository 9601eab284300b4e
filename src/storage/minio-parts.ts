import type { Readable } from 'node:stream';
import { hexToBase64, type Checksums } from './checksums.ts';
import { withoutQuotes } from './etags.ts';
import { encodeQuery, type MinioRequests } from './minio-requests.ts';

/** An upload in parts that was begun; nothing of it is visible before `complete`. */
export interface PartedUpload {
  readonly name: string;
  readonly uploadId: string;
  /** What is being done, for errors. */
  readonly what: string;
}

/** Begins an upload in parts. @param headers of the finished object. */
export async function beginParts(
  requests: MinioRequests,
  object: {
    readonly name: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly what: string;
  },
  signal: AbortSignal,
): Promise<PartedUpload> {
  const { name, what, headers } = object;
  const uploadId = await requests.call({ what, signal }, (client, bucket) =>
    client.initiateNewMultipartUpload(bucket, name, headers),
  );
  return { name, uploadId, what };
}

/** Sends one part; the server compares it with its checksums. @returns its ETag. */
export async function sendPart(
  requests: MinioRequests,
  upload: PartedUpload,
  part: { readonly number: number; readonly sums: Checksums; readonly stream: Readable },
  signal: AbortSignal,
): Promise<string> {
  const { number, sums, stream } = part;
  try {
    const { head } = await requests.sendForText(
      {
        method: 'PUT',
        name: upload.name,
        query: encodeQuery({ partNumber: String(number), uploadId: upload.uploadId }),
        headers: { 'content-md5': hexToBase64(sums.md5) },
        body: { stream, sizeBytes: sums.sizeBytes, sha256: sums.sha256 },
        what: `${upload.what}, part ${String(number)}`,
      },
      signal,
    );
    return withoutQuotes(head.headers.etag ?? '');
  } finally {
    stream.destroy();
  }
}

/** Makes one object of the parts. @param etags in their order. */
export async function completeParts(
  requests: MinioRequests,
  { name, uploadId, what }: PartedUpload,
  etags: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  await requests.call({ what, signal }, (client, bucket) =>
    client.completeMultipartUpload(
      bucket,
      name,
      uploadId,
      etags.map((etag, index) => ({ part: index + 1, etag })),
    ),
  );
}

/** Gives an upload up; its parts no longer take space. */
export async function abortParts(
  requests: MinioRequests,
  { name, uploadId }: Pick<PartedUpload, 'name' | 'uploadId'>,
  signal: AbortSignal,
): Promise<void> {
  const what = `giving up an unfinished upload of ${name}`;
  await requests.call({ what, signal }, (client, bucket) =>
    // Of all methods this one does not encode the id.
    client.abortMultipartUpload(bucket, name, encodeURIComponent(uploadId)),
  );
}

/** Gives up all unfinished uploads of this name: they take space and nobody resumes them. */
export async function abortUnfinished(
  requests: MinioRequests,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const what = `looking for unfinished uploads of ${name}`;
  const { uploads } = await requests.call({ what, signal }, (client, bucket) =>
    client.listIncompleteUploadsQuery(bucket, name, '', '', ''),
  );
  for (const { key, uploadId } of uploads) {
    if (key === name) await abortParts(requests, { name, uploadId }, signal);
  }
}
