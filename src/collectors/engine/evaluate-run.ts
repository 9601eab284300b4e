import { definedFields } from '../../domain/defined-fields.ts';
import type { RunPart } from '../../database/collections/run.ts';
import type { Outcome } from '../../domain/error-classes.ts';
import { jobErrorOf } from '../../domain/job-error-of.ts';
import { LaterError, ThrottledError, type AnyJobError } from '../../domain/job-errors.ts';
import type { ConfiguredSource } from '../configured-source.ts';
import type { Tally } from './run-tally.ts';

export type RunEvaluation =
  | { readonly status: 'success' | 'partial'; readonly note?: string; readonly isFresh: boolean }
  | { readonly status: 'failed'; readonly error: AnyJobError };

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
  const undated = undatedNote(tally);
  const note = [...notes, ...undated].join('; ');
  if (notes.length > 0) return { status: 'partial', note, isFresh: !isTooFew && !isAllSkipped };
  return definedFields({ status: 'success' as const, note: note || undefined, isFresh: true });
}

/** Says how many documents have no date that can be read, and why. The run is a success all the same. */
function undatedNote(tally: Tally): string[] {
  const problems = tally.snapshot().date_problems ?? [];
  const count = problems.reduce((sum, problem) => sum + problem.count, 0);
  if (count === 0) return [];
  const reasons = problems.map(
    ({ reason, count: each, example }) =>
      `${reason} ${String(each)}${example === '' ? '' : `, such as “${example}”`}`,
  );
  return [`${String(count)} items without a readable date (${reasons.join('; ')})`];
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
