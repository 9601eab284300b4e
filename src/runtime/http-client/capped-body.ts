import { Readable } from 'node:stream';
import { PermanentError, type JobError } from '../../domain/job-errors.ts';

/** What ends the reading of a body early. */
export interface BodyLimits {
  /** After decompression. */
  readonly maxBytes: number;
  /** The deadline and the caller's wish to stop; its reason is a JobError. */
  readonly signal: AbortSignal;
  /** The address, for errors. */
  readonly shown: string;
  readonly failureOf: (thrown: unknown) => JobError;
  /** Called once, when the body was read, failed or was given up. */
  readonly onClose: () => void;
}

/**
 * The body as a stream that ends with a JobError when it is too long, breaks off or takes too long, also while nobody
 * reads from it. A stream nobody reads takes no more than its buffers.
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
  // An answer that nobody waits for any more must not end the process with an error nobody listens to.
  body.on('error', () => undefined);
  body.once('close', () => {
    signal.removeEventListener('abort', onAbort);
    onClose();
  });
  return body;
}

/** The failure of a body that is, or announces itself as, longer than was asked for. */
export function tooLarge(shown: string, maxBytes: number): PermanentError {
  return new PermanentError(
    'too_large',
    `${shown} is larger than the ${String(maxBytes)} bytes that are read.`,
  );
}
