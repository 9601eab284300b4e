import { ERROR_CLASSES, type ErrorClass, type ErrorClassOf, type Outcome } from './error-classes.ts';

/** A failure whose consequence is known. One subclass for each outcome; `cause` keeps the original. */
export abstract class JobError extends Error {
  abstract readonly outcome: Outcome;
  readonly errorClass: ErrorClass;

  constructor(errorClass: ErrorClass, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.errorClass = errorClass;
  }

  /** One plain sentence: what a person can do. */
  get advice(): string {
    return ERROR_CLASSES[this.errorClass].advice;
  }
}

/** Tried again within the queue, then through the retry queue. */
export class TransientError extends JobError {
  readonly outcome = 'transient';
  constructor(errorClass: ErrorClassOf<'transient'>, message: string, options?: ErrorOptions) {
    super(errorClass, message, options);
  }
}

/** The site limits this address: all workers rest; the attempt is not counted. */
export class ThrottledError extends JobError {
  readonly outcome = 'throttled';
  /** The least time to rest that the site asked for. */
  readonly restAtLeastMs: number | undefined;
  constructor(
    errorClass: ErrorClassOf<'throttled'>,
    message: string,
    options?: ErrorOptions & { restAtLeastMs?: number },
  ) {
    super(errorClass, message, options);
    this.restAtLeastMs = options?.restAtLeastMs;
  }
}

/** Something a person must mend on this machine or in its settings: intake pauses, the attempt is not counted. */
export class OperatorError extends JobError {
  readonly outcome = 'operator';
  constructor(errorClass: ErrorClassOf<'operator'>, message: string, options?: ErrorOptions) {
    super(errorClass, message, options);
  }
}

/** Will never succeed by itself: failed at once, with advice. */
export class PermanentError extends JobError {
  readonly outcome = 'permanent';
  constructor(errorClass: ErrorClassOf<'permanent'>, message: string, options?: ErrorOptions) {
    super(errorClass, message, options);
  }
}

/** Not there yet (premiere, live): tried at a sensible time, the attempt is not counted. */
export class LaterError extends JobError {
  readonly outcome = 'later';
  /** When it should be there, if the site said so. */
  readonly availableAt: Date | undefined;
  constructor(
    errorClass: ErrorClassOf<'later'>,
    message: string,
    options?: ErrorOptions & { availableAt?: Date },
  ) {
    super(errorClass, message, options);
    this.availableAt = options?.availableAt;
  }
}

/** The process is being stopped, or the job may not begin yet: back to waiting, the attempt is not counted. */
export class InterruptedError extends JobError {
  readonly outcome = 'interrupted';
  constructor(
    message = 'The worker is shutting down.',
    options?: ErrorOptions & { errorClass?: ErrorClassOf<'interrupted'> },
  ) {
    super(options?.errorClass ?? 'shutdown', message, options);
  }
}

/** Makes an Error of anything thrown, so that no reason is lost. */
export function toError(thrown: unknown): Error {
  if (isError(thrown)) return thrown;
  return new Error(
    typeof thrown === 'string' ? thrown : `Something was thrown that is no error: ${String(thrown)}`,
    {
      cause: thrown,
    },
  );
}

/** A failure of any outcome; `outcome` tells which. */
export type AnyJobError =
  TransientError | ThrottledError | OperatorError | PermanentError | LaterError | InterruptedError;

/**
 * Gives every failure its class: a JobError as it is, anything else as transient and unknown.
 * @param signal when it is aborted the failure is a consequence of that, whatever was thrown.
 */
export function toJobError(thrown: unknown, signal?: AbortSignal): AnyJobError {
  if (signal?.aborted === true && !(thrown instanceof InterruptedError)) {
    return new InterruptedError(undefined, { cause: thrown });
  }
  // The subclasses above are all there are.
  if (thrown instanceof JobError) return thrown as AnyJobError;
  const error = toError(thrown);
  return new TransientError('unknown', error.message, { cause: error });
}

/** Errors of other realms (virtual contexts, test runners) are no instances of this one's Error. */
function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || Object.prototype.toString.call(thrown) === '[object Error]';
}
