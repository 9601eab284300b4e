import { withShownAddresses } from './shown-address.ts';
import { adviceFor, type ErrorClass, type ErrorClassOf, type Outcome } from './error-classes.ts';

/**
 * A failure with a known error class. One subclass for each outcome; `cause` is the original error. Its message is stored and
 * shown, so addresses in it lose their secrets.
 */
export abstract class JobError extends Error {
  abstract readonly outcome: Outcome;
  readonly errorClass: ErrorClass;

  constructor(errorClass: ErrorClass, message: string, options?: ErrorOptions) {
    super(withShownAddresses(message), options);
    this.name = new.target.name;
    this.errorClass = errorClass;
  }

  /** What a person can do while the program goes on by itself. */
  get advice(): string {
    return adviceFor(this.errorClass);
  }

  /** What a person can do once the program has given up. */
  get adviceWhenFailed(): string {
    return adviceFor(this.errorClass, 'failed');
  }
}

/** A failure whose class is one of its outcome. */
abstract class OutcomeError<O extends Outcome> extends JobError {
  declare readonly errorClass: ErrorClass & ErrorClassOf<O>;

  constructor(errorClass: ErrorClass & ErrorClassOf<O>, message: string, options?: ErrorOptions) {
    super(errorClass, message, options);
  }
}

/** Retried within the queue, then through the retry queue. */
export class TransientError extends OutcomeError<'transient'> {
  readonly outcome = 'transient';
}

/** The site limits this egress address: all workers leave it alone for a while; the attempt is not counted. */
export class ThrottledError extends OutcomeError<'throttled'> {
  readonly outcome = 'throttled';
  /** The minimum delay that the site asked for. */
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

/** A person must fix something on this machine or in its settings: intake pauses, the attempt is not counted. */
export class OperatorError extends OutcomeError<'operator'> {
  readonly outcome = 'operator';
}

/** A retry cannot succeed: the job fails at once. */
export class PermanentError extends OutcomeError<'permanent'> {
  readonly outcome = 'permanent';
}

/** Not available yet (premiere, live event): retried when it should be available, the attempt is not counted. */
export class LaterError extends OutcomeError<'later'> {
  readonly outcome = 'later';
  /** When it should be available, if the site says so. */
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

/** The worker is being stopped: the job goes back to waiting, the attempt is not counted. */
export class InterruptedError extends OutcomeError<'interrupted'> {
  readonly outcome = 'interrupted';
  constructor(message = 'The worker is shutting down.', options?: ErrorOptions) {
    super('shutdown', message, options);
  }
}

/** The job cannot be done now and is not to blame: it is put back for a while, the attempt is not counted. */
export class SnoozeError extends OutcomeError<'snooze'> {
  readonly outcome = 'snooze';
  readonly delayMs: number;
  /**
   * Given when no other job of the queue could be done either: the worker takes none until this resolves, and the job
   * keeps its place. It resolves when jobs can be done again or the signal is aborted, and never rejects.
   */
  readonly waitUntilReady: ((signal: AbortSignal) => Promise<void>) | undefined;
  constructor(
    errorClass: ErrorClassOf<'snooze'>,
    message: string,
    options: ErrorOptions & {
      readonly delayMs: number;
      readonly waitUntilReady?: (signal: AbortSignal) => Promise<void>;
    },
  ) {
    super(errorClass, message, options);
    this.delayMs = options.delayMs;
    this.waitUntilReady = options.waitUntilReady;
  }
}

/**
 * A failure of a class that is not counted, but the item itself is the cause, as others succeed where it fails: it counts
 * like any transient failure.
 */
export class ItemError extends JobError {
  readonly outcome = 'transient';
  constructor(cause: JobError) {
    super(cause.errorClass, cause.message, { cause });
  }

  override get advice(): string {
    return 'Only this item meets the error while others succeed. It is retried automatically.';
  }

  override get adviceWhenFailed(): string {
    return `Only this item meets the error while others succeed. Check it at its source. ${adviceFor(this.errorClass, 'failed')}`;
  }
}

/** Converts anything thrown to an Error; what is not an Error becomes its message and `cause`. */
export function toError(thrown: unknown): Error {
  if (isError(thrown)) return thrown;
  return new Error(typeof thrown === 'string' ? thrown : `Not an Error: ${String(thrown)}`, {
    cause: thrown,
  });
}

/** The union of all subclasses, discriminated by `outcome`. */
export type AnyJobError =
  | TransientError
  | ThrottledError
  | OperatorError
  | PermanentError
  | LaterError
  | InterruptedError
  | SnoozeError
  | ItemError;

/**
 * Converts anything thrown to a JobError: a JobError is returned as it is, anything else is transient and `unknown`.
 * @param signal when it is aborted, the failure is a consequence of that, whatever was thrown: its reason if that is a
 *   JobError (a deadline), else an interruption.
 */
export function toJobError(thrown: unknown, signal?: AbortSignal): AnyJobError {
  if (signal?.aborted === true && !(thrown instanceof InterruptedError)) {
    const reason: unknown = signal.reason;
    if (reason instanceof JobError) return reason as AnyJobError;
    return new InterruptedError(undefined, { cause: thrown });
  }
  // There are no other subclasses.
  if (thrown instanceof JobError) return thrown as AnyJobError;
  const error = toError(thrown);
  return new TransientError('unknown', error.message, { cause: error });
}

/** Errors of other realms (VM contexts, test runners) are not instances of this realm's Error. */
function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || Object.prototype.toString.call(thrown) === '[object Error]';
}
