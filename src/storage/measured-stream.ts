import { Transform, type Readable } from 'node:stream';
import { UnavailableError, transferToJobError } from './storage-errors.ts';

/** What a transferred body is held against. */
export interface Measure {
  /** Exactly so many bytes must come. */
  readonly expectedBytes: number;
  readonly onBytes: (moved: number) => void;
  /** What is transferred, for the error. */
  readonly what: string;
  /** Gives the error of the source another meaning, for instance that of an aborted signal. */
  readonly explain?: (error: unknown) => unknown;
}

/**
 * Passes a body on and makes every way it can go wrong an error of the returned stream: errors of the source, an
 * end before the announced length, more than announced. (Both a `pipe` and some clients overlook these.)
 * Ending or destroying the returned stream destroys the source.
 */
export function measureStream(source: Readable, measure: Measure): Readable {
  const { expectedBytes, onBytes, what, explain } = measure;
  let seenBytes = 0;
  const short = () =>
    new UnavailableError(
      'network',
      `${what}: the transfer was cut after ${String(seenBytes)} of ${String(expectedBytes)} bytes.`,
    );
  const measured = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seenBytes += chunk.byteLength;
      onBytes(chunk.byteLength);
      if (seenBytes > expectedBytes) {
        done(
          new UnavailableError(
            'network',
            `${what}: more came than the ${String(expectedBytes)} bytes announced.`,
          ),
        );
      } else {
        done(null, chunk);
      }
    },
    flush(done) {
      done(seenBytes === expectedBytes ? null : short());
    },
  });
  const onSourceError = (error: unknown) => {
    measured.destroy(transferToJobError(explain === undefined ? error : explain(error), what));
  };
  source.on('error', onSourceError);
  source.on('close', () => {
    // A socket that is closed midway gives no end, and not always an error.
    if (!source.readableEnded && !measured.destroyed) onSourceError(short());
  });
  // Whoever reads the stream hears of its errors; until somebody does, they must not end the process.
  measured.on('error', () => undefined);
  measured.on('close', () => source.destroy());
  source.pipe(measured);
  return measured;
}
