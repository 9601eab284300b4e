import type { EgressResult } from './egress-ledger.ts';
import type { ErrorClass } from '../domain/error-classes.ts';
import type { AnyJobError } from '../domain/job-errors.ts';

const NOTHING: EgressResult = { kind: 'nothing' };
const ANSWERED: EgressResult = { kind: 'answered' };

/** Permanent failures that are found before the site is asked. */
const WITHOUT_ASKING: ReadonlySet<ErrorClass> = new Set(['unsupported', 'invalid_payload']);

/**
 * What the end of a start says about how the site treats the identity. That a video is private or not there yet is
 * an answer of the site; a lost connection, a full disk or a shutdown says nothing.
 */
export function egressResultOf(error: AnyJobError): EgressResult {
  switch (error.outcome) {
    case 'throttled':
      return { kind: 'refused', reason: error.errorClass, restAtLeastMs: error.restAtLeastMs ?? 0 };
    case 'permanent':
      return WITHOUT_ASKING.has(error.errorClass) ? NOTHING : ANSWERED;
    case 'later':
      return ANSWERED;
    case 'transient':
      return error.errorClass === 'recording_pending' ? ANSWERED : NOTHING;
    case 'operator':
    case 'interrupted':
      return NOTHING;
  }
}
