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
  const fail = (errorClass: TransientError['errorClass'], what: string) =>
    new TransientError(errorClass, `${doing}: ${what}.`, { cause });
  switch (code) {
    // Codes of undici (docs/api/Errors.md) and of Node's zlib.
    case 'UND_ERR_CONNECT_TIMEOUT':
      return fail('timeout', 'no connection in time');
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return fail('stall', 'no data arrived for too long');
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
    case 'UND_ERR_SOCKET':
    case 'HPE_INVALID_EOF_STATE':
    case 'Z_BUF_ERROR':
      return fail('network', 'the response was cut off');
    case '':
      return fail('network', `the connection failed (${redaction.text(cause.message)})`);
    default:
      return FORMAT_CODE.test(code)
        ? fail('source_format', `the response is invalid (${code})`)
        : fail('network', `the connection failed (${code})`);
  }
}

/** Of undici, the HTTP parser, zlib and the Brotli decoder, which has a code for each mistake. */
const FORMAT_CODE = /^(?:UND_ERR_HEADERS_OVERFLOW$|HPE_|Z_|ERR__ERROR_)/;

/** A refused address comes back from the DNS lookup inside errors of the socket. */
function jobErrorIn(thrown: unknown): JobError | undefined {
  let error: unknown = thrown;
  for (let depth = 0; depth < 5 && error instanceof Error; depth += 1) {
    if (error instanceof JobError) return error;
    error = error.cause;
  }
  return undefined;
}
