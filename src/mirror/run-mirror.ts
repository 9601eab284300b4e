import { InterruptedError, OperatorError, toJobError, type JobError } from '../domain/job-errors.ts';
import { pause } from '../runtime/deadline.ts';
import { UnavailableError } from '../storage/storage-errors.ts';
import { AdaptiveLimit } from './adaptive-limit.ts';
import type { MirrorOptions } from './mirror-options.ts';
import { runPass, type MirrorRun, type PassResult } from './mirror-pass.ts';
import { emptySummary, type MirrorSummary } from './mirror-summary.ts';

const MAX_PASSES = 4;
const PASS_DELAY_MS = 2000;
const MAX_PASS_DELAY_MS = 5 * 60_000;

/**
 * Copies the objects that the container does not have or has in another version. When all are equal this takes only the
 * two listings. If objects or a listing fail, the others go on, and up to three more passes compare and copy again after a
 * pause; an operator error (credentials, no space) ends the run at once.
 * @returns with `failed` 0, the container has every object of the bucket.
 * @throws InterruptedError when the signal was aborted; unfinished copies leave no partial blob. The error of the last pass
 *   when that failed as a whole.
 */
export async function runMirror(options: MirrorOptions): Promise<MirrorSummary> {
  const summary = emptySummary();
  const limit = options.limit ?? new AdaptiveLimit(options.concurrency);
  const run: MirrorRun = { summary, limit, unrecorded: new Map(), gone: new Set() };
  try {
    const last = await runPasses(options, run);
    summary.failed = last.failed + run.unrecorded.size;
    for (const [name, error] of [...last.failures, ...run.unrecorded]) options.onFailed?.(name, error);
    return summary;
  } catch (error) {
    if (!options.signal.aborted) throw toJobError(error);
    throw new InterruptedError('The mirror was interrupted; run it again to continue.', { cause: error });
  }
}

async function runPasses(options: MirrorOptions, run: MirrorRun): Promise<PassResult> {
  const { summary } = run;
  for (;;) {
    summary.passes += 1;
    const isLast = summary.passes >= MAX_PASSES;
    let result: PassResult | undefined;
    let error: JobError | undefined;
    try {
      result = await runPass(options, run);
    } catch (thrown) {
      error = toJobError(thrown, options.signal);
      if (isLast || error.outcome === 'interrupted' || error instanceof OperatorError) throw error;
    }
    if (result !== undefined && (isLast || !result.isWorthRepeating)) {
      // What earlier passes copied is equal in the plan of a later one.
      if (summary.passes > 1) summary.equal = Math.max(0, summary.equal - summary.copied - summary.confirmed);
      return result;
    }
    const errors = error === undefined ? [...(result?.failures.values() ?? [])] : [error];
    const delayMs = delayAfter(summary.passes, options.passDelayMs ?? PASS_DELAY_MS, errors);
    options.onPassFailed?.({ failed: result?.failed ?? 0, error, delayMs });
    await pause(delayMs, options.signal);
  }
}

/** Doubles with each pass, with jitter; not less than a store asked for. */
function delayAfter(pass: number, firstDelayMs: number, errors: readonly JobError[]): number {
  const asked = errors.map((error) => (error instanceof UnavailableError ? (error.retryAfterMs ?? 0) : 0));
  const backoffMs = firstDelayMs * 2 ** (pass - 1) * (1 + Math.random());
  return Math.min(MAX_PASS_DELAY_MS, Math.max(backoffMs, ...asked));
}
