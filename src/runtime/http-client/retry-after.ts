import { parseHttpDate } from './http-dates.ts';

/** A longer pause is taken for a mistake of the server: the source is to be asked again some day. */
const LONGEST_PAUSE_MS = 7 * 24 * 3_600_000;

/**
 * When a server asks to be asked again: the header Retry-After in seconds or as a date (RFC 9110, section 10.2.3).
 * A date is read by the server's own clock where it says what that shows. Never before `now`, at most a week after.
 */
export function retryAfterOf(headers: Headers, now: Date): Date | undefined {
  const value = headers.get('retry-after')?.trim();
  if (value === undefined) return undefined;
  const pauseMs = /^\d+(?:\.\d+)?$/.test(value) ? Number(value) * 1000 : untilMs(value, headers, now);
  if (pauseMs === undefined) return undefined;
  return new Date(now.getTime() + Math.min(Math.max(0, pauseMs), LONGEST_PAUSE_MS));
}

function untilMs(value: string, headers: Headers, now: Date): number | undefined {
  const at = parseHttpDate(value);
  if (at === undefined) return undefined;
  const serverNow = parseHttpDate(headers.get('date')) ?? now;
  return at.getTime() - serverNow.getTime();
}
