import { Transform, type Readable } from 'node:stream';
import { toError } from '../domain/job-errors.ts';
import type { Deadline } from '../runtime/deadline.ts';
import type { Bandwidth } from './bandwidth.ts';
import { UnavailableError, transferToJobError } from './storage-errors.ts';

/** What a transferred body is checked against. */
export interface MeasureOptions {
  /** Exactly this many bytes must come. */
  readonly expectedBytes: number;
  readonly onBytes: (moved: number) => void;
  /** What is transferred, for the error message. */
  readonly what: string;
  /** Replaces an error of the source, for instance by the reason of an aborted signal. */
  readonly mapError?: (error: unknown) => unknown;
  /** Waits until so many bytes may go on. */
  readonly pace?: ((bytes: number) => Promise<void>) | undefined;
}

/** An `onBytes` that also restarts the stall time of a deadline. */
export function reportBytes(
  deadline: Deadline,
  onBytes: ((moved: number) => void) | undefined,
): (moved: number) => void {
  return (moved) => {
    deadline.noteProgress();
    onBytes?.(moved);
  };
}

/** What makes a transfer wait for its share of a bandwidth; a wait counts as progress. Undefined without a limit. */
export function paceOf(
  bandwidth: Bandwidth | undefined,
  deadline: Deadline,
): ((bytes: number) => Promise<void>) | undefined {
  return bandwidth && ((bytes) => bandwidth.take(bytes, deadline.signal, deadline.noteProgress));
}

/**
 * Passes a body on and turns everything that can go wrong into an error of the returned stream: an error of the source,
 * fewer bytes than expected, more bytes than expected. (`pipe` and some HTTP clients miss some of these.)
 * When the returned stream ends or is destroyed, the source is destroyed.
 */
export function measureStream(source: Readable, options: MeasureOptions): Readable {
  const { expectedBytes, onBytes, what, mapError = (error) => error, pace } = options;
  let seenBytes = 0;
  const networkError = (problem: string) => new UnavailableError('network', `${what}: ${problem}`);
  const tooShort = () =>
    networkError(`the transfer was cut after ${String(seenBytes)} of ${String(expectedBytes)} bytes.`);
  const measured = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seenBytes += chunk.byteLength;
      onBytes(chunk.byteLength);
      if (seenBytes > expectedBytes) {
        done(networkError(`more than the expected ${String(expectedBytes)} bytes came.`));
      } else if (pace === undefined) {
        done(null, chunk);
      } else {
        pace(chunk.byteLength).then(
          () => {
            done(null, chunk);
          },
          (error: unknown) => {
            done(toError(error));
          },
        );
      }
    },
    flush(done) {
      done(seenBytes === expectedBytes ? null : tooShort());
    },
  });
  const onSourceError = (error: unknown) => {
    measured.destroy(transferToJobError(mapError(error), what));
  };
  source.on('error', onSourceError);
  source.on('close', () => {
    // A socket that is closed midway emits no `end`, and not always an error.
    if (!source.readableEnded && !measured.destroyed) onSourceError(tooShort());
  });
  // The reader gets the errors; before there is a reader, an error must not end the process.
  measured.on('error', () => undefined);
  measured.on('close', () => source.destroy());
  source.pipe(measured);
  return measured;
}
