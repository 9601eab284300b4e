import { JobError, LaterError, PermanentError, TransientError, toError } from '../../domain/job-errors.ts';
import type { Redaction } from './redaction.ts';
import { retryAfterMs } from './response-headers.ts';

/** The failure that a status stands for. @param shown what the message calls the address */
export function failureOfStatus(status: number, headers: Headers, shown: string, now: Date): JobError {
  const message = `${shown} answered with status ${String(status)}.`;
  const delayMs = retryAfterMs(headers.get('retry-after'), now, headers.get('date'));
  if (status === 429 || (status === 503 && delayMs !== undefined)) {
    const options = delayMs === undefined ? {} : { availableAt: new Date(now.getTime() + delayMs) };
    return new LaterError('source_limited', message, options);
  }
  if (status === 404 || status === 410) return new PermanentError('source_missing', message);
  if (status === 408) return new TransientError('timeout', message);
  if (status === 425 || status >= 500) return new TransientError('server_error', message);
  if (status >= 400) return new PermanentError('source_refused', message);
  return new TransientError('source_format', `${message} This status was not expected.`);
}

/**
 * The failure that an error of the connection, the transfer or the decompression stands for.
 * @param doing for the message: `Reading https://site.example/feed`
 */
export function failureOfTransport(thrown: unknown, doing: string, redaction: Redaction): JobError {
  const known = jobErrorIn(thrown);
  if (known !== undefined) return known;
  const cause = toError(thrown);
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  switch (FAILURES_BY_CODE[code] ?? (FORMAT_CODE.test(code) ? 'invalid' : undefined)) {
    case 'not-connected':
      return new TransientError('timeout', `${doing}: no connection in time.`, { cause });
    case 'stalled':
      return new TransientError('stall', `${doing}: no data arrived for too long.`, { cause });
    case 'invalid':
      return new TransientError('source_format', `${doing}: the response is invalid (${code}).`, { cause });
    case 'cut-off':
      return new TransientError('network', `${doing}: the response was cut off.`, { cause });
    case undefined: {
      const reason = code === '' ? redaction.text(cause.message) : code;
      return new TransientError('network', `${doing}: the connection failed (${reason}).`, { cause });
    }
  }
}

/** Codes of undici (docs/api/Errors.md) and of Node's zlib. */
const FAILURES_BY_CODE: Readonly<
  Record<string, 'not-connected' | 'stalled' | 'invalid' | 'cut-off' | undefined>
> = {
  UND_ERR_CONNECT_TIMEOUT: 'not-connected',
  UND_ERR_HEADERS_TIMEOUT: 'stalled',
  UND_ERR_BODY_TIMEOUT: 'stalled',
  UND_ERR_HEADERS_OVERFLOW: 'invalid',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'cut-off',
  UND_ERR_SOCKET: 'cut-off',
  HPE_INVALID_EOF_STATE: 'cut-off',
  Z_BUF_ERROR: 'cut-off',
};

/** Of the HTTP parser, of zlib and of the Brotli decoder, which has a code for each mistake. */
const FORMAT_CODE = /^(?:HPE_|Z_|ERR__ERROR_)/;

/** A refused address comes back from the DNS lookup inside errors of the socket. */
function jobErrorIn(thrown: unknown): JobError | undefined {
  let error: unknown = thrown;
  for (let depth = 0; depth < 5 && error instanceof Error; depth += 1) {
    if (error instanceof JobError) return error;
    error = error.cause;
  }
  return undefined;
}
