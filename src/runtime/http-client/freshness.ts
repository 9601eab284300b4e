import { parseHttpDate } from './http-dates.ts';

/**
 * How long an answer may be used without asking again, in milliseconds: Cache-Control of a private cache, else
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
  // Anything that is no date, such as `0`, means: already stale.
  if (at === undefined) return 0;
  const serverNow = parseHttpDate(headers.get('date')) ?? now;
  return Math.max(0, at.getTime() - serverNow.getTime());
}

function ageSeconds(headers: Headers): number {
  const age = headers.get('age')?.trim() ?? '';
  return /^\d+$/.test(age) ? Number(age) : 0;
}
