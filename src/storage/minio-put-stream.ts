import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { StorageLimits } from '../config/config.ts';
import { interruptionOf, withDeadline, type Watchdog } from '../runtime/deadline.ts';
import { checksumStream } from './checksums.ts';
import { measureStream } from './measured-stream.ts';
import { encodeMetadata } from './metadata.ts';
import { abortParts, beginParts, completeParts, sendPart, type PartedUpload } from './minio-parts.ts';
import type { MinioRequests } from './minio-requests.ts';
import type { TransferOptions } from './object-store.ts';
import { withRetries } from './retries.ts';

/** Content of a length that nobody knows beforehand, on its way into the bucket. */
export interface PutStream {
  readonly name: string;
  /** Asked for no faster than it is sent. */
  readonly content: AsyncIterable<Uint8Array>;
  readonly contentType: string;
  /** Plain values; they are encoded here. Checksums cannot be among them, as they are known too late. */
  readonly metadata: Readonly<Record<string, string | undefined>>;
  /** Called when all parts are in the bucket and before the object appears; when it fails, the object does not. */
  readonly beforeVisible?: (sent: SentStream) => Promise<void>;
}

/** What was sent. */
export interface SentStream {
  readonly sizeBytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** Size of a part, and the memory that an upload takes. 10,000 parts, the most there may be, are 160 GiB. */
export const STREAM_PART_BYTES = 16 * 1024 ** 2;
/** Giving up must not take long when the server is away. */
const ABORT_MS = 10_000;

/**
 * Sends content of unknown length into the bucket, in parts that the server compares with their checksums; a part is
 * repeated by itself. The object appears as a whole at the end or, after any failure, not at all. Limits hold for each
 * request, not for the time that the content takes to come.
 * @throws whatever the content throws, besides JobErrors of the store.
 */
export async function putStream(
  requests: MinioRequests,
  put: PutStream,
  limits: StorageLimits & { readonly partBytes: number },
  options: TransferOptions,
): Promise<SentStream> {
  const { name } = put;
  const { signal } = options;
  const what = `storing ${name} in MinIO`;
  const ask = <T>(work: (watchdog: Watchdog) => Promise<T>) =>
    withDeadline(work, { ...limits, signal, what });
  const headers: Record<string, string> = { 'content-type': put.contentType };
  for (const [key, value] of Object.entries(encodeMetadata(put.metadata)))
    headers[`x-amz-meta-${key}`] = value;

  const begun = await ask((watchdog) => beginParts(requests, { name, headers, what }, watchdog.signal));
  try {
    const etags: string[] = [];
    const whole = createHash('sha256');
    let sizeBytes = 0;
    for await (const part of cutIntoParts(put.content, limits.partBytes)) {
      if (signal.aborted) throw interruptionOf(signal);
      const sums = await checksumStream(Readable.from([part]), signal, whole);
      const number = etags.length + 1;
      etags.push(
        await ask((watchdog) =>
          withRetries(
            () => {
              const onBytes = (moved: number) => {
                watchdog.moved();
                options.onBytes?.(moved);
              };
              const stream = openPart(part, { what: begun.what, onBytes });
              return sendPart(requests, begun, { number, sums, stream }, watchdog.signal);
            },
            { signal: watchdog.signal },
          ),
        ),
      );
      sizeBytes += part.byteLength;
    }
    const sent = { sizeBytes, sha256: whole.digest('hex') };
    await put.beforeVisible?.(sent);
    await ask((watchdog) => completeParts(requests, begun, etags, watchdog.signal));
    return sent;
  } catch (error) {
    await giveUp(requests, begun);
    throw error;
  }
}

/** Even when the caller wants to end, what was sent should not stay; a killed process leaves it to `abortUploads`. */
async function giveUp(requests: MinioRequests, begun: PartedUpload): Promise<void> {
  await abortParts(requests, begun, AbortSignal.timeout(ABORT_MS)).catch(() => undefined);
}

function openPart(part: Buffer, measure: { what: string; onBytes: (moved: number) => void }): Readable {
  const pieces: Buffer[] = [];
  const pieceBytes = 256 * 1024;
  for (let at = 0; at < part.byteLength; at += pieceBytes) pieces.push(part.subarray(at, at + pieceBytes));
  return measureStream(Readable.from(pieces), { ...measure, expectedBytes: part.byteLength });
}

/** One buffer for all parts: a part is sent before the next is begun. An empty content is one empty part. */
async function* cutIntoParts(
  content: AsyncIterable<Uint8Array>,
  partBytes: number,
): AsyncGenerator<Buffer, void> {
  const part = Buffer.allocUnsafeSlow(partBytes);
  let filledBytes = 0;
  let isFirst = true;
  for await (const chunk of content) {
    for (let at = 0; at < chunk.byteLength;) {
      const taken = Math.min(chunk.byteLength - at, partBytes - filledBytes);
      part.set(chunk.subarray(at, at + taken), filledBytes);
      at += taken;
      filledBytes += taken;
      if (filledBytes < partBytes) continue;
      yield part;
      filledBytes = 0;
      isFirst = false;
    }
  }
  if (filledBytes > 0 || isFirst) yield part.subarray(0, filledBytes);
}
