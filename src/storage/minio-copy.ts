import { Readable } from 'node:stream';
import type { StorageLimits } from '../config/config.ts';
import type { JobError } from '../domain/job-errors.ts';
import { withDeadline } from '../runtime/deadline.ts';
import { retry } from '../runtime/retry.ts';
import { reportBytes } from './measured-stream.ts';
import type { PlainMetadata } from './metadata.ts';
import { abortUnfinishedUploads, storeInParts, type NewObject, type SendPart } from './minio-multipart.ts';
import type { MinioRequests } from './minio-requests.ts';
import { s3ObjectHeaders, unquoteEtag } from './object-info.ts';
import type { ObjectInfo, TransferOptions } from './object-store.ts';
import { encodeS3Path } from './s3-signature.ts';
import { responseToJobError, storeRetryPolicy } from './storage-errors.ts';
import { elementText } from './xml-elements.ts';

/** A copy that the server makes of an object of the bucket. */
export interface ObjectCopy {
  /** The object as it was looked up; only this version is copied. */
  readonly source: Pick<ObjectInfo, 'name' | 'etag' | 'sizeBytes'>;
  /** Name of the copy. */
  readonly name: string;
  readonly contentType: string;
  /** All metadata of the copy; that of the source is not copied. */
  readonly metadata: PlainMetadata;
}

const NO_CONTENT = {
  sizeBytes: 0,
  /** SHA-256 of no content. */
  sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
};

/**
 * Lets the server copy an object within the bucket: with one request, or in parts when it is larger than `copyPartBytes`, so
 * that no request is without an answer for long. (One request copies at most 5 GiB:
 * docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html.) The copy appears as a whole or not at all.
 * @throws ObjectMissingError when there is no source, ObjectChangedError when it is another version; any JobError of the store.
 */
export async function copyWithinBucket(
  requests: MinioRequests,
  bucket: string,
  copy: ObjectCopy,
  limits: StorageLimits & { readonly copyPartBytes: number },
  options: TransferOptions,
): Promise<void> {
  const { source, name, contentType, metadata } = copy;
  const { stallMs, deadlineMs, copyPartBytes } = limits;
  const what = `copying ${source.name} to ${name} in MinIO`;
  const object = { name, headers: s3ObjectHeaders(contentType, metadata), what };
  const from = {
    'x-amz-copy-source': encodeS3Path(bucket, source.name),
    'x-amz-copy-source-if-match': `"${source.etag}"`,
  };
  await withDeadline(
    async (deadline) => {
      const { signal } = deadline;
      const transfer = { signal, onBytes: reportBytes(deadline, options.onBytes) };
      if (source.sizeBytes > copyPartBytes) {
        await copyInParts(requests, object, from, { ...source, copyPartBytes }, transfer);
      } else {
        const headers = { ...object.headers, ...from, 'x-amz-metadata-directive': 'REPLACE' };
        await retry(() => sendCopy(requests, { name, headers, what }, signal), storeRetryPolicy(signal));
        transfer.onBytes(source.sizeBytes);
      }
    },
    { stallMs, deadlineMs, signal: options.signal, what },
  );
}

async function copyInParts(
  requests: MinioRequests,
  object: NewObject,
  from: Readonly<Record<string, string>>,
  { sizeBytes, copyPartBytes }: { readonly sizeBytes: number; readonly copyPartBytes: number },
  transfer: Required<TransferOptions>,
): Promise<void> {
  const { signal, onBytes } = transfer;
  function* parts(): Generator<SendPart, void> {
    for (let start = 0; start < sizeBytes; start += copyPartBytes) {
      const end = Math.min(start + copyPartBytes, sizeBytes) - 1;
      const headers = { ...from, 'x-amz-copy-source-range': `bytes=${String(start)}-${String(end)}` };
      yield async (request) => {
        const etag = await sendCopy(requests, { ...request, headers }, signal);
        onBytes(end + 1 - start);
        return etag;
      };
    }
  }
  await abortUnfinishedUploads(requests, object.name, signal);
  await storeInParts(requests, object, parts(), {
    run: (send) => send(transfer),
    beforeVisible: () => undefined,
    abortSignal: () => signal,
  });
}

/** Sends one request to copy an object or a part of one. @returns the ETag of the copy. */
async function sendCopy(
  requests: MinioRequests,
  request: {
    readonly name: string;
    readonly query?: string;
    readonly headers: Record<string, string>;
    readonly what: string;
  },
  signal: AbortSignal,
): Promise<string> {
  const body = { stream: Readable.from([]), ...NO_CONTENT };
  const { text } = await requests.sendForText({ ...request, method: 'PUT', body }, signal);
  if (/<\/Copy(?:Object|Part)Result>\s*$/.test(text)) return unquoteEtag(elementText(text, 'ETag'));
  throw failedCopy(text, request.what);
}

/** A copy that fails after its status 200 was sent says so in the body; an answer that was cut says nothing. */
function failedCopy(text: string, what: string): JobError {
  const code = elementText(text, 'Code') ?? '';
  return responseToJobError({ status: code === 'SlowDown' ? 503 : 500, code }, what);
}
