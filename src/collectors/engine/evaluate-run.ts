import { definedFields } from '../../domain/defined-fields.ts';
import type { RunPart } from '../../database/collections/run.ts';
import { ERROR_CLASSES, type ErrorClass, type Outcome } from '../../domain/error-classes.ts';
import {
  InterruptedError,
  LaterError,
  OperatorError,
  PermanentError,
  ThrottledError,
  TransientError,
  type AnyJobError,
} from '../../domain/job-errors.ts';
import type { ConfiguredSource } from '../configured-source.ts';
import type { Tally } from './run-tally.ts';

export type RunEvaluation =
  | { readonly status: 'success' | 'partial'; readonly note?: string; readonly isFresh: boolean }
  | { readonly status: 'failed'; readonly error: AnyJobError };

type FailureOptions = ErrorOptions & { readonly restAtLeastMs?: number; readonly availableAt?: Date };

/** Most retryable first: as long as one part may succeed later, the run is retried. */
const RETRYABILITY: readonly Outcome[] = [
  'transient',
  'later',
  'throttled',
  'operator',
  'interrupted',
  'snooze',
  'permanent',
];

/**
 * Determines the status of a run whose collector ended without an error.
 * @param options.reachedLimit it stopped at `maxItemsPerRun`.
 */
export function evaluateRun(
  tally: Tally,
  source: Pick<ConfiguredSource, 'minItems' | 'maxItemsPerRun'>,
  options: { readonly reachedLimit: boolean },
): RunEvaluation {
  const { parts, counts } = tally;
  const failed = parts.filter(({ status }) => status === 'failed');
  const hasSuccess = parts.some(({ status }) => status === 'success' || status === 'unchanged');
  if (failed.length > 0 && !hasSuccess) return { status: 'failed', error: mostRetryableError(failed, tally) };
  const isUnchanged = parts.some(({ status }) => status === 'unchanged');
  const { minItems = 0, maxItemsPerRun } = source;
  const notes: string[] = [];
  if (failed.length > 0) notes.push(`${String(failed.length)} of ${String(parts.length)} parts failed`);
  if (options.reachedLimit) {
    const limit = String(maxItemsPerRun);
    notes.push(`stopped at maxItemsPerRun (${limit}); the next run continues from the last checkpoint`);
  }
  // A requested pause or a feed that stays broken is not a failure of this run, but the run brought nothing new either.
  const isAllSkipped = parts.length > 0 && failed.length === 0 && !hasSuccess;
  if (isAllSkipped) notes.push(`all ${String(parts.length)} parts were skipped`);
  // A source that reports no change is expected to yield few items.
  const isTooFew = counts.seen < minItems && !isUnchanged && !options.reachedLimit;
  if (isTooFew) notes.push(`${String(counts.seen)} items, expected at least ${String(minItems)}`);
  if (notes.length === 0) return { status: 'success', isFresh: true };
  return { status: 'partial', note: notes.join('; '), isFresh: !isTooFew && !isAllSkipped };
}

function mostRetryableError(failed: readonly RunPart[], tally: Tally): AnyJobError {
  const errors = failed.map(
    // The error object of a part from an earlier attempt is gone; only its record remains.
    ({ name, note, error_class }) =>
      tally.errors.get(name) ?? jobErrorOf(error_class ?? 'unknown', note ?? 'The part failed.'),
  );
  const rank = ({ outcome }: AnyJobError) => RETRYABILITY.indexOf(outcome);
  const error = errors.reduce((best, each) => (rank(each) < rank(best) ? each : best));
  if (failed.length === 1) return error;
  const message = `All ${String(failed.length)} parts failed, one with: ${error.message}`;
  const restAtLeastMs = error instanceof ThrottledError ? error.restAtLeastMs : undefined;
  const availableAt = error instanceof LaterError ? error.availableAt : undefined;
  const options = definedFields({ cause: error, restAtLeastMs, availableAt });
  return jobErrorOf(error.errorClass, message, options);
}

function jobErrorOf(errorClass: ErrorClass, message: string, options: FailureOptions = {}): AnyJobError {
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
