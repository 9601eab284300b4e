import { Readable } from 'node:stream';
import type { StorageLimits } from '../config/config.ts';
import { interruptionOf, withDeadline } from '../runtime/deadline.ts';
import { checksummed, checksumStream, READ_BYTES, type Checksums } from './checksums.ts';
import { cutIntoBlocks } from './cut-into-blocks.ts';
import { reportBytes } from './measured-stream.ts';
import type { PlainMetadata } from './metadata.ts';
import { putInParts, type ObjectPart } from './minio-multipart.ts';
import type { MinioRequests } from './minio-requests.ts';
import { s3ObjectHeaders } from './object-info.ts';
import type { TransferOptions } from './object-store.ts';

/** Content of unknown length to be stored as an object. */
export interface PutStream {
  readonly name: string;
  /** Read no faster than it is sent. */
  readonly content: AsyncIterable<Uint8Array>;
  readonly contentType: string;
  /** Without checksums, which are known only at the end. */
  readonly metadata: PlainMetadata;
  /** Called when all parts are in the bucket and before the object appears; if it fails, the object does not appear. */
  readonly beforeVisible?: (sent: SentStream) => Promise<void>;
}

/** The size and checksum of what was sent. */
export type SentStream = Omit<Checksums, 'md5'>;

/** Size of a part, and the memory that an upload takes. S3 allows 10,000 parts; that is 160 GiB. */
export const STREAM_PART_BYTES = 16 * 1024 ** 2;
/** How long the abort of an upload may take when the server does not answer. */
const ABORT_MS = 10_000;

/**
 * Sends content of unknown length into the bucket, in parts; see `putInParts`. The limits apply to each request, not to the
 * time in which the content is produced.
 * @throws the errors of the content, and JobErrors of the store.
 */
export async function putStream(
  requests: MinioRequests,
  put: PutStream,
  limits: StorageLimits & { readonly partBytes: number },
  options: TransferOptions,
): Promise<SentStream> {
  const { signal } = options;
  const what = `storing ${put.name} in MinIO`;
  const content = checksummed(put.content);
  async function* parts(): AsyncGenerator<ObjectPart, void> {
    for await (const part of cutIntoBlocks(content.chunks, limits.partBytes)) {
      if (signal.aborted) throw interruptionOf(signal);
      yield {
        sums: await checksumStream(Readable.from([part]), signal),
        open: () => Readable.from(chunksOf(part)),
      };
    }
  }
  const object = { name: put.name, headers: s3ObjectHeaders(put.contentType, put.metadata), what };
  return await putInParts(requests, object, parts(), {
    run: (send) =>
      withDeadline(
        (deadline) => send({ signal: deadline.signal, onBytes: reportBytes(deadline, options.onBytes) }),
        { ...limits, signal, what },
      ),
    beforeVisible: async () => {
      const sent = content.sums();
      await put.beforeVisible?.(sent);
      return sent;
    },
    // Not the caller's signal: the parts should be removed also when the caller stops.
    abortSignal: () => AbortSignal.timeout(ABORT_MS),
  });
}

function* chunksOf(part: Buffer): Generator<Buffer, void> {
  for (let at = 0; at < part.byteLength; at += READ_BYTES) yield part.subarray(at, at + READ_BYTES);
}
