import { JobError, OperatorError, toError, TransientError } from '../domain/job-errors.ts';

/** How a store said no; the same shape for S3 and Azure. */
export interface StoreRefusal {
  /** HTTP status. */
  readonly status: number;
  /** The store's own code, such as `NoSuchBucket`; empty when it gave none. */
  readonly code: string;
  /** How long the store asks to be left alone (Retry-After). */
  readonly retryAfterMs?: number;
}

/** The store or the way to it is out of order; asking again soon is sensible. */
export class UnavailableError extends TransientError {
  readonly retryAfterMs: number | undefined;
  constructor(
    errorClass: 'network' | 'server_error',
    message: string,
    options?: ErrorOptions & { retryAfterMs?: number | undefined },
  ) {
    super(errorClass, message, options);
    this.retryAfterMs = options?.retryAfterMs;
  }
}

/** A condition did not hold: somebody else wrote the object in the meantime. Look again, then decide. */
export class ObjectChangedError extends TransientError {
  constructor(message: string, options?: ErrorOptions) {
    super('storage_mismatch', message, options);
  }
}

/** The object asked for is not there. */
export class ObjectMissingError extends TransientError {
  constructor(message: string, options?: ErrorOptions) {
    super('object_missing', message, options);
  }
}

const CONTAINER_MISSING = ['NoSuchBucket', 'ContainerNotFound', 'ContainerBeingDeleted'];
const CONTAINER_REFUSED = ['InvalidBucketName', 'InvalidResourceName'];
const FULL = ['XMinioStorageFull', 'XMinioAdminBucketQuotaExceeded', 'QuotaExceeded'];
const DAMAGED_ON_THE_WAY = [
  'BadDigest',
  'InvalidDigest',
  'Md5Mismatch',
  'InvalidMd5',
  'IncompleteBody',
  'XAmzContentSHA256Mismatch',
];
const SOMEONE_ELSE_WROTE = [
  'BlobAlreadyExists',
  'ConditionNotMet',
  'InvalidBlockList',
  'LeaseIdMissing',
  'PreconditionFailed',
  'TargetConditionNotMet',
];

/** The JobError that a refusal of a store deserves. `what` names the operation and holds no secrets. */
export function refusalToJobError(refusal: StoreRefusal, what: string, cause?: Error): JobError {
  const { status, code } = refusal;
  const options = cause === undefined ? {} : { cause };
  const said = code === '' ? `status ${String(status)}` : `${code} (status ${String(status)})`;
  const message = `${what}: the store answered ${said}.`;
  if (CONTAINER_MISSING.includes(code)) return new OperatorError('storage_missing', message, options);
  if (CONTAINER_REFUSED.includes(code)) return new OperatorError('local_configuration', message, options);
  if (FULL.includes(code) || status === 507) return new OperatorError('storage_full', message, options);
  if (code === 'RequestTimeTooSkewed') {
    return new OperatorError(
      'local_configuration',
      `${message} The clock of this machine is wrong.`,
      options,
    );
  }
  if (status === 401 || status === 403) return new OperatorError('credentials', message, options);
  if (SOMEONE_ELSE_WROTE.includes(code) || status === 412) return new ObjectChangedError(message, options);
  if (DAMAGED_ON_THE_WAY.includes(code)) return new TransientError('storage_mismatch', message, options);
  if (status === 404) return new ObjectMissingError(message, options);
  if (status === 408 || status === 429 || status >= 500) {
    return new UnavailableError('server_error', message, { ...options, retryAfterMs: refusal.retryAfterMs });
  }
  return new TransientError('unknown', message, options);
}

const TLS_CODE = /^(CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_|ERR_TLS_)/;
const NETWORK_CODE =
  /^(ECONN[A-Z]+|EPIPE|ETIMEDOUT|EAI_[A-Z]+|ENOTFOUND|E(HOST|NET)(UNREACH|DOWN|RESET)|EADDR[A-Z]+|EPROTO|HPE_.*|ERR_STREAM_PREMATURE_CLOSE|REQUEST_SEND_ERROR|PARSE_ERROR)$/;

/** The JobError of a failure below HTTP: sockets, name resolution, certificates. JobErrors pass unchanged. */
export function transferToJobError(thrown: unknown, what: string): JobError {
  if (thrown instanceof JobError) return thrown;
  const error = toError(thrown);
  const code = errorCode(error);
  if (code === 'EACCES' || code === 'EPERM') {
    return new OperatorError('local_configuration', `${what}: ${code}, this process may not.`, {
      cause: error,
    });
  }
  if (TLS_CODE.test(code)) {
    return new OperatorError('local_configuration', `${what}: the certificate was refused (${code}).`, {
      cause: error,
    });
  }
  if (NETWORK_CODE.test(code)) {
    return new UnavailableError('network', `${what}: the connection failed (${code}).`, { cause: error });
  }
  return new TransientError('unknown', `${what}: ${withoutSecrets(error.message)}`, { cause: error });
}

/** `Retry-After` in seconds or as a date, as milliseconds from now. */
export function parseRetryAfter(header: string | undefined, now = Date.now()): number | undefined {
  if (header === undefined || header === '') return undefined;
  const seconds = Number(header);
  const delayMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isFinite(delayMs) ? Math.max(0, delayMs) : undefined;
}

/** Takes signatures and keys out of a text that may quote an address or a connection string. */
export function withoutSecrets(text: string): string {
  return text
    .replace(/((?:[?&]|\b)(?:sig|X-Amz-Signature|X-Amz-Credential)=)[^&\s"'<>]+/giu, '$1[redacted]')
    .replace(/((?:AccountKey|SharedAccessSignature)=)[^;\s"'<>]+/giu, '$1[redacted]');
}

function errorCode(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
