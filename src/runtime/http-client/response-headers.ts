import { definedFields } from '../../domain/defined-fields.ts';
import type { Validators } from './http-client.ts';

/** A longer delay is taken for a mistake of the server. */
const MAX_RETRY_AFTER_MS = 7 * 24 * 3_600_000;

/** The headers of undici as `Headers`. */
export function toHeaders(raw: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(raw)) {
    for (const one of Array.isArray(value) ? value : [value ?? '']) headers.append(name, one);
  }
  return headers;
}

/**
 * Reads a date of an HTTP header: the preferred form, and the two obsolete ones (RFC 9110, section 5.6.7).
 * @returns undefined for anything else.
 */
export function parseHttpDate(text: string | null | undefined): Date | undefined {
  const trimmed = text?.trim() ?? '';
  if (!/^[A-Z][a-z]{2,8},? /.test(trimmed)) return undefined;
  // The asctime form has no time zone, and Date.parse would use the local one.
  const milliseconds = Date.parse(/(?:GMT|UTC|[+-]\d{4})$/.test(trimmed) ? trimmed : `${trimmed} GMT`);
  return Number.isNaN(milliseconds) ? undefined : new Date(milliseconds);
}

/**
 * The delay that `Retry-After` asks for, in seconds or as a date (RFC 9110, section 10.2.3).
 * @param serverDate the header `Date`: a date in `Retry-After` is read by the server's own clock where that is known.
 * @returns milliseconds, from 0 to one week; undefined when the header is missing or invalid.
 */
export function retryAfterMs(
  value: string | null | undefined,
  now = new Date(),
  serverDate?: string | null,
): number | undefined {
  const text = value?.trim() ?? '';
  const at = parseHttpDate(text);
  let delayMs: number;
  if (/^\d+(?:\.\d+)?$/.test(text)) delayMs = Number(text) * 1000;
  else if (at !== undefined) delayMs = at.getTime() - (parseHttpDate(serverDate) ?? now).getTime();
  else return undefined;
  return Math.min(Math.max(0, delayMs), MAX_RETRY_AFTER_MS);
}

/**
 * How long a response may be used without asking again, in milliseconds: Cache-Control of a private cache, else
 * Expires (RFC 9111, sections 4.2.1 and 5.2.2).
 * @returns undefined when the server does not say.
 */
export function freshForMsOf(headers: Headers, now: Date): number | undefined {
  const directives = (headers.get('cache-control') ?? '')
    .toLowerCase()
    .split(',')
    .map((directive) => directive.trim());
  if (directives.some((directive) => /^no-(?:store|cache)(?:$|=)/.test(directive))) return 0;
  for (const directive of directives) {
    const seconds = /^max-age="?(\d+)"?$/.exec(directive)?.[1];
    if (seconds === undefined) continue;
    return Math.max(0, Number(seconds) - ageSeconds(headers)) * 1000;
  }
  const expires = headers.get('expires');
  if (expires === null) return undefined;
  const at = parseHttpDate(expires);
  // An invalid date such as `0` means: already stale.
  if (at === undefined) return 0;
  const serverNow = parseHttpDate(headers.get('date')) ?? now;
  return Math.max(0, at.getTime() - serverNow.getTime());
}

function ageSeconds(headers: Headers): number {
  const age = headers.get('age')?.trim() ?? '';
  return /^\d+$/.test(age) ? Number(age) : 0;
}

/** The media type without its parameters, such as `text/html`; undefined when Content-Type is missing. */
export function mediaTypeOf(headers: Headers): string | undefined {
  const essence = headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  return essence === '' ? undefined : essence;
}

/**
 * The charset of Content-Type (RFC 9110, section 8.3.2), in the forms that servers write: with quotes of either kind,
 * with spaces, after a comma.
 * @returns a label that nobody has checked; undefined when there is none.
 */
export function charsetOf(headers: Headers): string | undefined {
  return /(?:^|[;,\s])charset\s*=\s*["']?([\w.:-]+)/i.exec(headers.get('content-type') ?? '')?.[1];
}

/** Whether a media type is one of those accepted; `audio/*` stands for every subtype. */
export function isAcceptedType(mediaType: string, accepted: readonly string[]): boolean {
  return accepted.some((type) =>
    type.endsWith('/*') ? mediaType.startsWith(type.slice(0, -1)) : mediaType === type,
  );
}

/** ETag and Last-Modified, for a later conditional request. */
export function validatorsOf(headers: Headers): Validators {
  return definedFields({
    etag: headers.get('etag') ?? undefined,
    lastModified: headers.get('last-modified') ?? undefined,
  });
}
