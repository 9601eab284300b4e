import { JobError, LaterError, PermanentError, TransientError, toError } from '../../domain/job-errors.ts';
import type { Redaction } from './shown-text.ts';
import { retryAfterOf } from './retry-after.ts';

/** The failure that a status stands for; the statuses that are answers do not come here. */
export function failureOfStatus(status: number, headers: Headers, shown: string, now: Date): JobError {
  const message = `${shown} answered with ${String(status)}.`;
  const availableAt = retryAfterOf(headers, now);
  if (status === 429 || (status === 503 && availableAt !== undefined)) {
    return new LaterError('source_limited', message, availableAt === undefined ? {} : { availableAt });
  }
  if (status === 404 || status === 410) return new PermanentError('source_missing', message);
  if (status === 408) return new TransientError('timeout', message);
  if (status === 425 || status >= 500) return new TransientError('server_error', message);
  if (status >= 400) return new PermanentError('source_refused', message);
  return new TransientError('source_format', `${message} It was not asked for that.`);
}

/**
 * The failure that an error of the connection, the transfer or the decompression stands for.
 * @param doing what was being done: `reading https://site.example/feed`
 */
export function failureOfTransport(thrown: unknown, doing: string, redaction: Redaction): JobError {
  const known = jobErrorIn(thrown);
  if (known !== undefined) return known;
  const cause = toError(thrown);
  const code = codeOf(cause);
  const told = FAILURES_BY_CODE[code ?? ''] ?? (isFormatCode(code) ? 'broken' : undefined);
  switch (told) {
    case 'unconnected':
      return new TransientError('timeout', `${doing}: no connection in time.`, { cause });
    case 'silent':
      return new TransientError('stall', `${doing}: nothing arrived for a while.`, { cause });
    case 'broken':
      return new TransientError('source_format', `${doing}: the answer is broken (${code ?? ''}).`, {
        cause,
      });
    case 'cut':
      return new TransientError('network', `${doing}: the answer was cut off.`, { cause });
    case undefined: {
      const reason = code ?? redaction.text(cause.message);
      return new TransientError('network', `${doing}: the connection failed (${reason}).`, { cause });
    }
  }
}

type TransportFailure = 'unconnected' | 'silent' | 'broken' | 'cut';

/** Codes of undici (docs/api/Errors.md) and of Node's zlib. */
const FAILURES_BY_CODE: Readonly<Record<string, TransportFailure | undefined>> = {
  UND_ERR_CONNECT_TIMEOUT: 'unconnected',
  UND_ERR_HEADERS_TIMEOUT: 'silent',
  UND_ERR_BODY_TIMEOUT: 'silent',
  UND_ERR_HEADERS_OVERFLOW: 'broken',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'cut',
  UND_ERR_SOCKET: 'cut',
  HPE_INVALID_EOF_STATE: 'cut',
  Z_BUF_ERROR: 'cut',
};

/** Of the HTTP parser, of zlib and of the Brotli decoder, which has a code for each mistake. */
function isFormatCode(code: string | undefined): boolean {
  return code !== undefined && /^(?:HPE_|Z_|ERR__ERROR_)/.test(code);
}

/** A refused address comes back from the look-up inside errors of the socket. */
function jobErrorIn(thrown: unknown): JobError | undefined {
  let error: unknown = thrown;
  for (let depth = 0; depth < 5 && error instanceof Error; depth += 1) {
    if (error instanceof JobError) return error;
    error = error.cause;
  }
  return undefined;
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
