import { Readable } from 'node:stream';
import { PermanentError, type JobError } from '../../domain/job-errors.ts';

export interface BodyLimits {
  /** After decompression. */
  readonly maxBytes: number;
  /** Aborted at the deadline or by the caller; its reason is a JobError. */
  readonly signal: AbortSignal;
  /** What errors call the address. */
  readonly shown: string;
  readonly failureOf: (thrown: unknown) => JobError;
  /** Called once, when the body has been read, has failed or was discarded. */
  readonly onClose: () => void;
}

/**
 * The body as a stream that ends with a JobError when it is too long, is cut off or takes too long, also while nobody
 * reads from it. An unread stream uses no more memory than its buffers.
 */
export function cappedBody(source: AsyncIterable<Buffer>, limits: BodyLimits): Readable {
  const { maxBytes, signal, shown, failureOf, onClose } = limits;
  async function* capped() {
    let size = 0;
    try {
      for await (const chunk of source) {
        size += chunk.length;
        if (size > maxBytes) throw tooLarge(shown, maxBytes);
        yield chunk;
      }
    } catch (error) {
      throw failureOf(error);
    }
  }
  const body = Readable.from(capped(), { objectMode: false });
  const onAbort = () => {
    body.destroy(failureOf(signal.reason));
  };
  signal.addEventListener('abort', onAbort, { once: true });
  // A body that nobody reads any more must not end the process with an unhandled error event.
  body.on('error', () => undefined);
  body.once('close', () => {
    signal.removeEventListener('abort', onAbort);
    onClose();
  });
  return body;
}

export function tooLarge(shown: string, maxBytes: number): PermanentError {
  return new PermanentError('too_large', `${shown} is larger than the limit of ${String(maxBytes)} bytes.`);
}
