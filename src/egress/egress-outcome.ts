import type { ErrorClass } from '../domain/error-classes.ts';
import type { AnyJobError } from '../domain/job-errors.ts';
import type { StartOutcome } from './egress-ledger.ts';

/** Permanent failures that are found before the site is asked. */
const BEFORE_ANY_REQUEST: ReadonlySet<ErrorClass> = new Set(['unsupported', 'invalid_payload']);

/** What many items fail with while the network is down, the site is broken, or yt-dlp no longer knows it. */
const IN_OUTAGES: ReadonlySet<ErrorClass> = new Set(['network', 'extraction', 'server_error']);

/**
 * What the end of a start says about how the site treats the address. That a video is private or not there yet is an
 * answer of the site; a lost connection, a full disk or a shutdown says nothing.
 */
export function startOutcomeOf(error: AnyJobError): StartOutcome {
  switch (error.outcome) {
    case 'throttled':
      return { kind: 'refused', reason: error.errorClass, restAtLeastMs: error.restAtLeastMs ?? 0 };
    case 'permanent':
      return { kind: BEFORE_ANY_REQUEST.has(error.errorClass) ? 'nothing' : 'answered' };
    case 'later':
      return { kind: 'answered' };
    case 'transient':
      return IN_OUTAGES.has(error.errorClass)
        ? { kind: 'failed', reason: error.errorClass }
        : { kind: 'nothing' };
    case 'operator':
    case 'interrupted':
    case 'snooze':
      return { kind: 'nothing' };
  }
}
