import { JobError, OperatorError, PermanentError, toError, TransientError } from '../domain/job-errors.ts';
import type { RetryPolicy } from '../runtime/retry.ts';

/** An error that a store answered with; the same shape for S3 and Azure. */
export interface ErrorResponse {
  /** HTTP status. */
  readonly status: number;
  /** The store's own code, such as `NoSuchBucket`; empty when it gave none. */
  readonly code: string;
  /** The header Retry-After, in milliseconds from now. */
  readonly retryAfterMs?: number | undefined;
}

/** The store or the connection to it failed in a way that may soon pass. */
export class UnavailableError extends TransientError {
  readonly retryAfterMs: number | undefined;
  /** It asked for fewer requests: 429, or 503 (`SlowDown` of S3, `ServerBusy` of Azure). */
  readonly isThrottling: boolean;
  constructor(
    errorClass: 'network' | 'server_error',
    message: string,
    options?: ErrorOptions & { retryAfterMs?: number | undefined; isThrottling?: boolean },
  ) {
    super(errorClass, message, options);
    this.retryAfterMs = options?.retryAfterMs;
    this.isThrottling = options?.isThrottling ?? false;
  }

  /** The wait would hold a worker for too long: it is left to the queues. */
  get asksForLongPause(): boolean {
    return (this.retryAfterMs ?? 0) > MAX_RETRY_DELAY_MS;
  }
}

/** A condition of the request did not hold: someone else wrote the object in the meantime. */
export class ObjectChangedError extends TransientError {
  constructor(message: string, options?: ErrorOptions) {
    super('storage_mismatch', message, options);
  }
}

/** The object does not exist. */
export class ObjectMissingError extends TransientError {
  constructor(message: string, options?: ErrorOptions) {
    super('object_missing', message, options);
  }
}

/** The result of a call, or undefined when the object does not exist. */
export async function undefinedIfMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ObjectMissingError) return undefined;
    throw error;
  }
}

/** Whether a call failed because the bucket or container does not exist. */
export function isContainerMissing(error: unknown): boolean {
  return error instanceof OperatorError && error.errorClass === 'storage_missing';
}

/** Whether the store does not take a request of this form: it would not take it again either. */
export function isRequestRefused(error: unknown): boolean {
  return error instanceof TransientError && error.errorClass === 'unknown';
}

/** The pages of a listing; none when the bucket or container does not exist. */
export async function* emptyIfContainerMissing<T>(pages: AsyncIterable<T>): AsyncGenerator<T, void> {
  try {
    yield* pages;
  } catch (error) {
    if (!isContainerMissing(error)) throw error;
  }
}

const MAX_RETRY_DELAY_MS = 20_000;

export interface StoreRetryOptions {
  readonly maxTries?: number;
  /** Called when the store asked for fewer requests. */
  readonly onThrottled?: (() => void) | undefined;
}

/** Whether the store asked for fewer requests. */
export function isThrottling(error: unknown): boolean {
  return error instanceof UnavailableError && error.isThrottling;
}

/**
 * How a request is repeated while the store is unavailable, before its job fails. All other errors, timeouts and stalls
 * are left to the queues, and so is a long Retry-After: there the wait does not hold a worker.
 */
export function storeRetryPolicy(
  signal: AbortSignal,
  { maxTries = 4, onThrottled }: StoreRetryOptions = {},
): RetryPolicy {
  return {
    signal,
    isTemporary: (error) => error instanceof UnavailableError && !error.asksForLongPause,
    maxTries,
    firstDelayMs: 200,
    maxDelayMs: MAX_RETRY_DELAY_MS,
    jitter: true,
    minDelayMs: (error) => (error instanceof UnavailableError ? (error.retryAfterMs ?? 0) : 0),
    onRetry: (error) => {
      if (isThrottling(error)) onThrottled?.();
    },
  };
}

const CONTAINER_MISSING = ['NoSuchBucket', 'ContainerNotFound', 'ContainerBeingDeleted'];
const INVALID_CONTAINER_NAME = ['InvalidBucketName', 'InvalidResourceName'];
const STORAGE_FULL = ['XMinioStorageFull', 'XMinioAdminBucketQuotaExceeded', 'QuotaExceeded'];
const DAMAGED_IN_TRANSIT = [
  'BadDigest',
  'InvalidDigest',
  'Md5Mismatch',
  'InvalidMd5',
  'IncompleteBody',
  'XAmzContentSHA256Mismatch',
];
/** The content of the blob cannot be read, nor the blob replaced, before it is in another access tier. */
const BLOB_ARCHIVED = ['BlobArchived', 'BlobBeingRehydrated'];
const OBJECT_CHANGED = [
  'BlobAlreadyExists',
  'ContainerAlreadyExists',
  'ConditionNotMet',
  'InvalidBlockList',
  'LeaseIdMissing',
  'PreconditionFailed',
  'TargetConditionNotMet',
];

/** The JobError for an error response. `what` names the operation for the message; it must hold no secrets. */
export function responseToJobError(response: ErrorResponse, what: string, cause?: Error): JobError {
  const { status, code, retryAfterMs } = response;
  const options = cause === undefined ? {} : { cause };
  const answer = code === '' ? `status ${String(status)}` : `${code} (status ${String(status)})`;
  const message = `${what}: the store answered ${answer}.`;
  if (CONTAINER_MISSING.includes(code)) return new OperatorError('storage_missing', message, options);
  if (INVALID_CONTAINER_NAME.includes(code))
    return new OperatorError('local_configuration', message, options);
  if (STORAGE_FULL.includes(code) || status === 507)
    return new OperatorError('storage_full', message, options);
  if (code === 'RequestTimeTooSkewed') {
    return new OperatorError(
      'local_configuration',
      `${message} The clock of this machine is wrong.`,
      options,
    );
  }
  if (BLOB_ARCHIVED.includes(code)) return new PermanentError('blob_archived', message, options);
  if (status === 401 || status === 403) return new OperatorError('credentials', message, options);
  if (OBJECT_CHANGED.includes(code) || status === 412) return new ObjectChangedError(message, options);
  if (DAMAGED_IN_TRANSIT.includes(code)) return new TransientError('storage_mismatch', message, options);
  if (status === 404) return new ObjectMissingError(message, options);
  if (status === 408 || status === 429 || status >= 500) {
    return new UnavailableError('server_error', message, {
      ...options,
      retryAfterMs,
      isThrottling: status === 429 || status === 503,
    });
  }
  return new TransientError('unknown', message, options);
}

const TLS_CODE = /^(CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_|ERR_TLS_)/;
const NETWORK_CODE =
  /^(ECONN[A-Z]+|EPIPE|ETIMEDOUT|EAI_[A-Z]+|ENOTFOUND|E(HOST|NET)(UNREACH|DOWN|RESET)|EADDR[A-Z]+|EPROTO|HPE_.*|ERR_STREAM_PREMATURE_CLOSE|UND_ERR_(?:SOCKET|CONNECT_TIMEOUT|CLOSED|DESTROYED|(?:REQ|RES)_CONTENT_LENGTH_MISMATCH))$/;

/** The JobError for a failure below HTTP: sockets, name resolution, certificates. JobErrors are returned unchanged. */
export function transferToJobError(thrown: unknown, what: string): JobError {
  if (thrown instanceof JobError) return thrown;
  const error = toError(thrown);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const options = { cause: error };
  if (code === 'EACCES' || code === 'EPERM') {
    return new OperatorError('local_configuration', `${what}: not allowed (${code}).`, options);
  }
  if (TLS_CODE.test(code)) {
    return new OperatorError(
      'local_configuration',
      `${what}: the certificate was refused (${code}).`,
      options,
    );
  }
  // The client gives answers that are not HTTP no code.
  if (NETWORK_CODE.test(code) || error.name === 'HTTPParserError') {
    return new UnavailableError(
      'network',
      `${what}: the connection failed (${code || error.name}).`,
      options,
    );
  }
  return new TransientError('unknown', `${what}: ${withoutSecrets(error.message)}`, options);
}

/** Removes signatures and keys from a text that may quote a URL or a connection string. */
export function withoutSecrets(text: string): string {
  return text
    .replace(/((?:[?&]|\b)(?:sig|X-Amz-Signature|X-Amz-Credential)=)[^&\s"'<>]+/giu, '$1[redacted]')
    .replace(/((?:AccountKey|SharedAccessSignature)=)[^;\s"'<>]+/giu, '$1[redacted]');
}
