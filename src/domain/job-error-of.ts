import { ERROR_CLASSES, type ErrorClass } from './error-classes.ts';
import {
  InterruptedError,
  LaterError,
  OperatorError,
  PermanentError,
  ThrottledError,
  TransientError,
  type AnyJobError,
} from './job-errors.ts';

type FailureOptions = ErrorOptions & { readonly restAtLeastMs?: number; readonly availableAt?: Date };

/** The error of a class that is known only when the program runs: one that was stored, or came from another thread. */
export function jobErrorOf(
  errorClass: ErrorClass,
  message: string,
  options: FailureOptions = {},
): AnyJobError {
  // ERROR_CLASSES links class and outcome, which the type checker cannot follow.
  const classOfOutcome = errorClass as never;
  switch (ERROR_CLASSES[errorClass].outcome) {
    case 'transient':
      return new TransientError(classOfOutcome, message, options);
    case 'throttled':
      return new ThrottledError(classOfOutcome, message, options);
    case 'operator':
      return new OperatorError(classOfOutcome, message, options);
    case 'permanent':
      return new PermanentError(classOfOutcome, message, options);
    case 'later':
      return new LaterError(classOfOutcome, message, options);
    case 'interrupted':
    case 'snooze':
      return new InterruptedError(message, options);
  }
}
