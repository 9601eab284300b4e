import { RestError } from '@azure/storage-blob';
import { JobError, toError } from '../domain/job-errors.ts';
import { interruptionOf } from '../runtime/deadline.ts';
import { retryAfterMs } from '../runtime/http-client/response-headers.ts';
import { responseToJobError, transferToJobError, withoutSecrets } from './storage-errors.ts';

/**
 * The JobError for a failure in the Azure SDK. The SDK's own error holds the request, and with it the SAS token in the
 * URL; the cause is therefore a copy without the request.
 */
export function azureToJobError(thrown: unknown, signal: AbortSignal, what: string): JobError {
  if (signal.aborted) return interruptionOf(signal);
  if (thrown instanceof JobError) return thrown;
  const cause = withoutRequest(toError(thrown));
  if (!(thrown instanceof RestError) || thrown.statusCode === undefined)
    return transferToJobError(cause, what);
  const { statusCode, code = '', response } = thrown;
  const headers = response?.headers;
  // Responses without a body, as to HEAD, have the code in a header only.
  const storeCode = code === '' ? (headers?.get('x-ms-error-code') ?? '') : code;
  const delayMs = retryAfterMs(headers?.get('retry-after'));
  return responseToJobError({ status: statusCode, code: storeCode, retryAfterMs: delayMs }, what, cause);
}

function withoutRequest(error: Error): Error {
  const copy = new Error(withoutSecrets(error.message).split('\n')[0] ?? '');
  copy.name = error.name;
  if (error.stack !== undefined) copy.stack = withoutSecrets(error.stack);
  if ('code' in error) Object.assign(copy, { code: error.code });
  return copy;
}
