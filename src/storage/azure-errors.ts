import { interruptionOf } from '../runtime/deadline.ts';
import { JobError, toError } from '../domain/job-errors.ts';
import { z } from 'zod';
import { parseRetryAfter, refusalToJobError, transferToJobError, withoutSecrets } from './storage-errors.ts';

const restErrorSchema = z.object({
  name: z.literal('RestError'),
  message: z.string(),
  code: z.string().optional(),
  statusCode: z.number().optional(),
  response: z
    .object({ headers: z.custom<{ get(name: string): string | undefined }>(hasGet) })
    .optional()
    .catch(undefined),
});

/**
 * The JobError of a failure in the Azure SDK. Its own error carries the request, whose address holds the SAS
 * token; the cause is therefore a copy without it.
 */
export function azureToJobError(thrown: unknown, signal: AbortSignal, what: string): JobError {
  if (signal.aborted) return interruptionOf(signal);
  if (thrown instanceof JobError) return thrown;
  const parsed = restErrorSchema.safeParse(thrown);
  const cause = withoutRequest(toError(thrown));
  if (!parsed.success) return transferToJobError(cause, what);
  const { statusCode, code = '', response } = parsed.data;
  if (statusCode === undefined) return transferToJobError(Object.assign(cause, { code }), what);
  const headers = response?.headers;
  // Answers without a body, as to HEAD, have their code in a header only.
  const storeCode = code === '' ? (headers?.get('x-ms-error-code') ?? '') : code;
  const retryAfterMs = parseRetryAfter(headers?.get('retry-after'));
  return refusalToJobError(
    { status: statusCode, code: storeCode, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
    what,
    cause,
  );
}

function withoutRequest(error: Error): Error {
  const copy = new Error(withoutSecrets(error.message).split('\n')[0] ?? '');
  copy.name = error.name;
  if (error.stack !== undefined) copy.stack = withoutSecrets(error.stack);
  if ('code' in error) Object.assign(copy, { code: error.code });
  return copy;
}

function hasGet(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'get' in value && typeof value.get === 'function';
}
