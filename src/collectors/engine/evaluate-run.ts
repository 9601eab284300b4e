import type { RunPart } from '../../database/collection-documents.ts';
import {
  ERROR_CLASSES,
  type ErrorClass,
  type ErrorClassOf,
  type Outcome,
} from '../../domain/error-classes.ts';
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

/** How an attempt that came to its end is judged. */
export type RunEvaluation =
  | { readonly status: 'success' | 'partial'; readonly note?: string; readonly isFresh: boolean }
  | { readonly status: 'failed'; readonly error: AnyJobError };

/** What may mend itself comes first: as long as one part may, the run is worth another try. */
const RANKS: readonly Outcome[] = ['transient', 'later', 'throttled', 'operator', 'interrupted', 'permanent'];

/**
 * Judges a run whose collector ended without an error.
 * @param options.isCut it ended at `maxItemsPerRun`.
 */
export function evaluateRun(
  tally: Tally,
  source: Pick<ConfiguredSource, 'minItems' | 'maxItemsPerRun'>,
  options: { readonly isCut: boolean },
): RunEvaluation {
  const { parts, counts } = tally;
  const failed = parts.filter(({ status }) => status === 'failed');
  const isAnyGood = parts.some(({ status }) => status === 'success' || status === 'unchanged');
  if (failed.length > 0 && !isAnyGood) return { status: 'failed', error: mostRetryableError(failed, tally) };
  const isUnchanged = parts.some(({ status }) => status === 'unchanged');
  const { minItems = 0, maxItemsPerRun } = source;
  const notes = [
    ...(failed.length > 0 ? [`${String(failed.length)} of ${String(parts.length)} parts failed`] : []),
    ...(options.isCut
      ? [
          `stopped at maxItemsPerRun (${String(maxItemsPerRun)}); the next run goes on from the last checkpoint`,
        ]
      : []),
  ];
  // Pauses that a source asked for and feeds that stay broken are no failures of this run, and no news of the source.
  const isAllSkipped = parts.length > 0 && failed.length === 0 && !isAnyGood;
  if (isAllSkipped) notes.push(`all ${String(parts.length)} parts were skipped`);
  // Where a source says that nothing changed, few items are what is to be expected.
  const isTooFew = counts.seen < minItems && !isUnchanged && !options.isCut;
  if (isTooFew) notes.push(`${String(counts.seen)} items, expected at least ${String(minItems)}`);
  if (notes.length === 0) return { status: 'success', isFresh: true };
  return { status: 'partial', note: notes.join('; '), isFresh: !isTooFew && !isAllSkipped };
}

function mostRetryableError(failed: readonly RunPart[], tally: Tally): AnyJobError {
  const errors = failed.map((part) => tally.errors.get(part.name) ?? errorOf(part));
  const rank = ({ outcome }: AnyJobError) => RANKS.indexOf(outcome);
  const [first, ...rest] = errors;
  const error = rest.reduce(
    (best, each) => (rank(each) < rank(best) ? each : best),
    first ?? unknownFailure(),
  );
  if (failed.length === 1) return error;
  const message = `All ${String(failed.length)} parts failed, one with: ${error.message}`;
  const restMs = error instanceof ThrottledError ? error.restAtLeastMs : undefined;
  const availableAt = error instanceof LaterError ? error.availableAt : undefined;
  return jobErrorOf(error.errorClass, message, {
    cause: error,
    ...(restMs === undefined ? {} : { restAtLeastMs: restMs }),
    ...(availableAt === undefined ? {} : { availableAt }),
  });
}

/** Of a part that an earlier attempt came to there is only the record. */
function errorOf({ error_class, note }: RunPart): AnyJobError {
  return jobErrorOf(error_class ?? 'unknown', note ?? 'The part failed.');
}

function unknownFailure(): AnyJobError {
  return new TransientError('unknown', 'All parts failed.');
}

/** The error of a class. */
function jobErrorOf(
  errorClass: ErrorClass,
  message: string,
  options: ErrorOptions & { readonly restAtLeastMs?: number; readonly availableAt?: Date } = {},
): AnyJobError {
  // The table says to which outcome the class belongs; the type cannot follow it.
  const { outcome } = ERROR_CLASSES[errorClass];
  switch (outcome) {
    case 'transient':
      return new TransientError(errorClass as ErrorClassOf<'transient'>, message, options);
    case 'throttled':
      return new ThrottledError(errorClass as ErrorClassOf<'throttled'>, message, options);
    case 'operator':
      return new OperatorError(errorClass as ErrorClassOf<'operator'>, message, options);
    case 'permanent':
      return new PermanentError(errorClass as ErrorClassOf<'permanent'>, message, options);
    case 'later':
      return new LaterError(errorClass as ErrorClassOf<'later'>, message, options);
    case 'interrupted':
      return new InterruptedError(message, {
        ...options,
        errorClass: errorClass as ErrorClassOf<'interrupted'>,
      });
  }
}
